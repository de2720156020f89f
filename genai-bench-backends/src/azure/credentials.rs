//! Who we are to Azure: a token, a key, a header, or whoever Entra ID says that this machine is.

use std::sync::Arc;

use genai_bench_core::auth::{Anonymous, AuthProvider};
use http::HeaderName;

use crate::auth::{ApiKey, Candidate, Entra, EntraSource, InvalidKey, Origin, Secret, TypedHeader};
use crate::entry::{AuthKind, Credentials, OwnCredential, Settings, SettingsError};

/// The option that holds a token.
pub(super) const AD_TOKEN: &str = "azure-ad-token";
/// The option that says what is used.
pub(super) const CREDENTIAL: &str = "azure-credential";
/// The option that says for what Entra's tokens are.
pub(super) const SCOPE: &str = "azure-scope";
/// The variables that may hold a key.
pub(super) const KEY_VARIABLES: &[&str] = &["MODEL_API_KEY", "AZURE_OPENAI_API_KEY"];
/// The variables that may hold a token.
pub(super) const TOKEN_VARIABLES: &[&str] = &["AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN"];

const TOKEN_KIND: &str = "Entra token";
const DEFAULT_SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const END_OF_SCOPES: &str = "/.default";
const ADVICE: &str = ". Set one of these up, or give a key with --api-key, or --azure-credential none to a server \
                      that wants none";

/// All ways, in the order in which they are looked for when nobody says which.
pub(super) const KINDS: &[AuthKind] = &[
    AuthKind { name: TOKEN_KIND, found: "--azure-ad-token, or a variable" },
    AuthKind::KEY,
    AuthKind::HEADER,
    AuthKind {
        name: EntraSource::ClientSecret.kind(),
        found: "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    },
    AuthKind {
        name: EntraSource::WorkloadIdentity.kind(),
        found: "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE",
    },
    AuthKind {
        name: EntraSource::ManagedIdentity.kind(),
        found: "the metadata server, or IDENTITY_ENDPOINT and IDENTITY_HEADER",
    },
    AuthKind { name: EntraSource::Cli.kind(), found: "az login" },
    AuthKind { name: Anonymous::KIND, found: "--azure-credential none, or nothing for an address with http" },
];

/// The credentials besides a key, and the one that is used of several.
pub(super) const CREDENTIALS: Credentials = Credentials {
    headers: &["authorization", "api-key"],
    own: &[OwnCredential::new(&[AD_TOKEN])],
    key_yields: true,
};

/// What a person chose to be known by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Key,
    Token,
    Chain,
    One(EntraSource),
    Nothing,
}

impl Choice {
    const NAMED: [(&'static str, Self); 8] = [
        ("key", Self::Key),
        ("token", Self::Token),
        ("chain", Self::Chain),
        (EntraSource::ClientSecret.name(), Self::One(EntraSource::ClientSecret)),
        (EntraSource::WorkloadIdentity.name(), Self::One(EntraSource::WorkloadIdentity)),
        (EntraSource::ManagedIdentity.name(), Self::One(EntraSource::ManagedIdentity)),
        (EntraSource::Cli.name(), Self::One(EntraSource::Cli)),
        ("none", Self::Nothing),
    ];

    fn read(text: &str) -> Result<Self, SettingsError> {
        let found = Self::NAMED.iter().find(|it| it.0 == text);
        found.map(|it| it.1).ok_or_else(|| {
            let names = Self::NAMED.map(|it| it.0).join(", ");
            wrong(CREDENTIAL, format!("'{text}' is none of {names}"))
        })
    }
}

/// Whoever `settings` say we are, else whoever this machine is to Entra ID; but a token that nobody gave is not
/// sent without `https` unless that is asked for.
///
/// # Errors
///
/// When what was chosen is not there, or something else was typed too, or a header cannot carry it.
pub(super) fn auth_provider(
    settings: &Settings,
    is_https: bool,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let token = settings.options.get(AD_TOKEN).filter(|it| !it.reveal().is_empty());
    let key = settings.api_key.as_ref();
    let header = TypedHeader::among(&settings.headers);
    let choice = match super::given(settings, CREDENTIAL) {
        Some(text) => {
            let choice = Choice::read(text)?;
            refuse_others(choice, text, settings)?;
            choice
        }
        None if token.is_some() => Choice::Token,
        None if key.is_some() => Choice::Key,
        None if header.is_none() && is_https => Choice::Chain,
        None => Choice::Nothing,
    };
    if !matches!(choice, Choice::Chain | Choice::One(_)) {
        refuse_typed(SCOPE, settings.options.get(SCOPE), "only tokens that Entra ID is asked for have one")?;
    }
    match (choice, header) {
        (Choice::Token, _) => bearer(token.ok_or_else(no_token)?),
        (Choice::Key, _) => in_header(key.ok_or_else(no_key)?),
        (Choice::Chain, _) => {
            let sources = EntraSource::chain(&settings.environment).map_err(|it| wrong(CREDENTIAL, it))?;
            entra(&sources, settings)
        }
        (Choice::One(place), _) => entra(&[place], settings),
        (Choice::Nothing, Some(header)) => Ok(Arc::new(header)),
        (Choice::Nothing, None) => Ok(Arc::new(Anonymous)),
    }
}

/// Refuses what was typed and would not be used; what the environment says for all programs is no mistake.
fn refuse_others(choice: Choice, chosen: &str, settings: &Settings) -> Result<(), SettingsError> {
    let problem = format!("not used with --{CREDENTIAL} {chosen}: leave one of them out");
    if choice != Choice::Token {
        refuse_typed(AD_TOKEN, settings.options.get(AD_TOKEN), &problem)?;
    }
    if choice != Choice::Key {
        refuse_typed("api_key", settings.api_key.as_ref(), &problem)?;
    }
    if choice != Choice::Nothing && TypedHeader::among(&settings.headers).is_some() {
        return Err(wrong(CREDENTIAL, "a --header says already who we are: leave one of them out"));
    }
    Ok(())
}

fn refuse_typed(setting: &'static str, value: Option<&Secret>, problem: &str) -> Result<(), SettingsError> {
    let is_typed = |it: &Secret| !it.reveal().is_empty() && !matches!(it.origin(), Origin::Variable(_));
    match value.is_some_and(is_typed) {
        true => Err(wrong(setting, problem)),
        false => Ok(()),
    }
}

fn bearer(token: &Secret) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let made = ApiKey::bearer(token).map_err(|it: InvalidKey| wrong(AD_TOKEN, it.to_string()))?;
    Ok(Arc::new(made.of_kind(TOKEN_KIND)))
}

fn in_header(key: &Secret) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let made = ApiKey::in_header(HeaderName::from_static("api-key"), key);
    Ok(Arc::new(made.map_err(|it| wrong("api_key", it.to_string()))?))
}

fn entra(sources: &[EntraSource], settings: &Settings) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let scope = super::given(settings, SCOPE).unwrap_or(DEFAULT_SCOPE);
    if !scope.ends_with(END_OF_SCOPES) {
        return Err(wrong(
            SCOPE,
            format!("'{scope}' does not end in {END_OF_SCOPES}, as {DEFAULT_SCOPE} does"),
        ));
    }
    let candidates: Vec<_> = sources.iter().map(|it| Candidate::new(*it, &settings.environment)).collect();
    let advice = match &candidates[..] {
        [only] => {
            let missing = only.missing().map(|it| wrong(CREDENTIAL, it));
            missing.map_or(Ok(""), Err)?
        }
        _ => ADVICE,
    };
    Ok(Arc::new(Entra::new(candidates, scope, advice)))
}

fn no_token() -> SettingsError {
    wrong(CREDENTIAL, format!("no token: give one with --{AD_TOKEN}, or in {}", TOKEN_VARIABLES.join(" or ")))
}

fn no_key() -> SettingsError {
    wrong(CREDENTIAL, format!("no key: give one with --api-key, or in {}", KEY_VARIABLES.join(" or ")))
}

fn wrong(setting: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting, problem: problem.into() }
}

#[cfg(test)]
mod tests;
