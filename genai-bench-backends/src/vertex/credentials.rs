//! Google credentials: those given for this run, else those of the environment, else those that Google's own tools have
//! saved.

use std::path::PathBuf;
use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use http::header::{HeaderName, HeaderValue};

use super::endpoint::Service;
use super::entry::{PROVIDER, is_name};
use crate::auth::{ApiKey, Environment, Google, GoogleFile, Origin, Secret, TypedHeader};
use crate::entry::{AuthKind, Credentials, OwnCredential, ProviderOption, Settings, SettingsError};

/// The option of an access token.
pub(super) const ACCESS_TOKEN: &str = "gcp-access-token";
/// The option of a credentials file.
pub(super) const CREDENTIALS: &str = "gcp-credentials-path";
/// The option of the project that is billed.
const QUOTA_PROJECT: &str = "gcp-quota-project";
/// The kind of an access token's identity.
const TOKEN_KIND: &str = "access token";

const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Variables that Google's SDKs use for the Gemini API only, even where a project is given as well.
const VARIABLES_FOR_GEMINI: [Origin; 2] =
    [Origin::Variable("GEMINI_API_KEY"), Origin::Variable("GOOGLE_API_KEY")];

/// The kinds of credentials, in order of precedence.
pub(super) const KINDS: &[AuthKind] = &[
    AuthKind { name: TOKEN_KIND, found: "--gcp-access-token, or a variable" },
    AuthKind::KEY,
    AuthKind::HEADER,
    AuthKind { name: Google::SERVICE_ACCOUNT, found: FILES },
    AuthKind { name: Google::USER_ACCOUNT, found: FILES },
    AuthKind { name: Google::WORKLOAD_IDENTITY, found: FILES },
    AuthKind { name: Google::IMPERSONATED, found: FILES },
    AuthKind { name: Google::METADATA_SERVER, found: "Google's machines, or GCE_METADATA_HOST" },
];

/// The credentials other than a key, and the rule that chooses among several.
pub(super) const CREDENTIALS_BESIDE_A_KEY: Credentials = Credentials {
    headers: &["authorization", "x-goog-api-key"],
    own: &[OwnCredential::new(&[ACCESS_TOKEN]), OwnCredential::new(&[CREDENTIALS])],
    key_yields: true,
};

const FILES: &str = "--gcp-credentials-path, a variable, or gcloud";

pub(super) const TOKEN_OPTION: ProviderOption = ProviderOption {
    name: ACCESS_TOKEN,
    provider: super::entry::PROVIDER,
    variables: &["GCP_ACCESS_TOKEN"],
    value_name: "TOKEN",
    help: "An access token, such as `gcloud auth print-access-token` prints. It is not renewed, and holds \
        for an hour at most",
    is_secret: true,
};

pub(super) const CREDENTIALS_OPTION: ProviderOption = ProviderOption {
    name: CREDENTIALS,
    provider: super::entry::PROVIDER,
    variables: &["GOOGLE_APPLICATION_CREDENTIALS"],
    value_name: "FILE",
    help: "A file with Google credentials, for Vertex AI: a service account's key, a person's login, a workload \
        identity federation or an impersonation. By default gcloud's application_default_credentials.json, else the \
        metadata server is asked. Tokens are renewed",
    is_secret: false,
};

pub(super) const QUOTA_PROJECT_OPTION: ProviderOption = ProviderOption {
    name: QUOTA_PROJECT,
    provider: super::entry::PROVIDER,
    variables: &["GOOGLE_CLOUD_QUOTA_PROJECT"],
    value_name: "PROJECT",
    help: "The project that pays, where it is another than that of the credentials",
    is_secret: false,
};

/// The credentials in the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    pub(super) token: Option<&'a Secret>,
    pub(super) key: Option<&'a Secret>,
    header: Option<TypedHeader>,
    /// The path of a credentials file.
    path: Option<&'a Secret>,
}

impl<'a> Given<'a> {
    /// Returns the credentials in `settings`: the one given for this run, or those of the environment.
    pub(super) fn among(settings: &'a Settings) -> Self {
        Self {
            token: settings.options.get(ACCESS_TOKEN).filter(is_set),
            key: settings.api_key.as_ref().filter(is_set),
            header: TypedHeader::among(&settings.headers),
            path: settings.options.get(CREDENTIALS).filter(is_set),
        }
    }

    /// Returns `true` if a file was named for this run.
    pub(super) fn has_typed_path(&self) -> bool {
        self.path.is_some_and(is_typed)
    }

    /// Returns the credentials file to use, if there is one: the one given, or, where no other credential is present,
    /// that of the variable or gcloud's.
    ///
    /// # Errors
    ///
    /// Returns an error when the file is no valid credentials file.
    pub(super) fn file(&self, settings: &Settings) -> Result<Option<GoogleFile>, SettingsError> {
        let has_credential =
            self.token.is_some() || self.header.is_some() || self.key.is_some_and(is_for_vertex);
        let is_needed = !has_credential && (self.key.is_none() || project_is_given(settings));
        if !(is_needed || self.has_typed_path()) {
            return Ok(None);
        }
        let path = self
            .path
            .map(|it| PathBuf::from(it.reveal()))
            .or_else(|| gcloud_credentials_path(&settings.environment));
        path.map(GoogleFile::read).transpose().map_err(|it| SettingsError::new(CREDENTIALS, it.to_string()))
    }
}

fn is_set(secret: &&Secret) -> bool {
    !secret.reveal().is_empty()
}

fn is_for_vertex(key: &Secret) -> bool {
    !VARIABLES_FOR_GEMINI.contains(&key.origin())
}

/// Returns `true` if the secret was given for this run, not found in the environment.
pub(super) fn is_typed(it: &Secret) -> bool {
    !matches!(it.origin(), Origin::Variable(_))
}

/// Returns the path where `gcloud auth application-default login` saves credentials, if the file exists.
fn gcloud_credentials_path(environment: &Environment) -> Option<PathBuf> {
    let folder = environment.path("CLOUDSDK_CONFIG").or_else(|| default_gcloud_folder(environment))?;
    Some(folder.join("application_default_credentials.json")).filter(|it| it.exists())
}

fn default_gcloud_folder(environment: &Environment) -> Option<PathBuf> {
    if cfg!(windows)
        && let Some(folder) = environment.path("APPDATA")
    {
        return Some(folder.join("gcloud"));
    }
    Some(environment.home()?.join(".config/gcloud"))
}

/// Returns the credential provider for `service`. Where both a token and a key are given, Vertex AI uses the token and
/// the Gemini API the key.
///
/// # Errors
///
/// Returns an error when there are no credentials, or when no header can carry them.
pub(super) fn auth_provider(
    settings: &Settings,
    service: &Service,
    given: Given<'_>,
    file: Option<GoogleFile>,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let quota = quota_project(settings)?;
    if let Some(file) = file {
        return Ok(paid_by(quota, Google::from_file(file)));
    }
    let is_vertex = service.is_vertex();
    let chosen = match (given.token, given.key) {
        (Some(token), Some(key)) if is_vertex && (is_typed(token) || !is_typed(key)) => Some(bearer(token)),
        (_, Some(key)) => Some(in_header(key)),
        (Some(token), None) => Some(bearer(token)),
        (None, None) => None,
    };
    let chosen: Arc<dyn AuthProvider> = match (chosen, given.header) {
        (Some(key), _) => Arc::new(key?),
        (None, Some(header)) => Arc::new(header),
        (None, None) if is_vertex => {
            let host = settings.environment.get("GCE_METADATA_HOST");
            return Ok(paid_by(quota, Google::from_metadata_server(host)));
        }
        (None, None) => {
            return Err(SettingsError { setting: "api_key", problem: NOTHING_FOR_GEMINI.to_owned() });
        }
    };
    match settings.options.get(QUOTA_PROJECT).filter(|it| quota.is_some() && is_typed(it)) {
        Some(_) => Err(SettingsError { setting: QUOTA_PROJECT, problem: PAID_BY_OTHERS.to_owned() }),
        None => Ok(chosen),
    }
}

fn bearer(token: &Secret) -> Result<ApiKey, SettingsError> {
    let bearer = ApiKey::bearer(token).map_err(|it| SettingsError::new(ACCESS_TOKEN, it.to_string()))?;
    Ok(bearer.of_kind(TOKEN_KIND))
}

fn in_header(key: &Secret) -> Result<ApiKey, SettingsError> {
    ApiKey::in_header(API_KEY_HEADER, key).map_err(|it| SettingsError::new("api_key", it.to_string()))
}

fn paid_by(project: Option<HeaderValue>, google: Google) -> Arc<dyn AuthProvider> {
    Arc::new(match project {
        Some(project) => google.with_quota_project(project),
        None => google,
    })
}

fn quota_project(settings: &Settings) -> Result<Option<HeaderValue>, SettingsError> {
    let project = settings.option(QUOTA_PROJECT).map(str::trim).filter(|it| !it.is_empty());
    let Some(project) = project else { return Ok(None) };
    let project = checked(QUOTA_PROJECT, project)?;
    HeaderValue::from_str(project)
        .map(Some)
        .map_err(|_| SettingsError::new(QUOTA_PROJECT, format!("'{project}' is no name of a project")))
}

const PAID_BY_OTHERS: &str = "only credentials of a file or of the metadata server can have another pay: with a token, \
    give --header 'x-goog-user-project: PROJECT'";

const NOTHING_FOR_GEMINI: &str = "no key for the Gemini API: give one here or in GEMINI_API_KEY, or, for Vertex AI, \
    --gcp-project-id, and --gcp-credentials-path or --gcp-access-token";

/// The option of the project.
pub(super) const PROJECT: &str = "gcp-project-id";
/// The variable of the project for all Google tools. It may be set where only a key for the Gemini API is used.
const FOR_ALL: &str = "GOOGLE_CLOUD_PROJECT";

pub(super) const PROJECT_OPTION: ProviderOption = ProviderOption {
    name: PROJECT,
    provider: PROVIDER,
    variables: &["GCP_PROJECT_ID", FOR_ALL],
    value_name: "PROJECT",
    help: "The project that asks Vertex AI. By default that of the file with credentials. Without one, the Gemini API \
        is asked, with a key; so it is where there is a key and only GOOGLE_CLOUD_PROJECT names one, unless \
        GOOGLE_GENAI_USE_VERTEXAI is true",
    is_secret: false,
};

/// Returns `true` if the settings ask for Vertex AI explicitly, whatever the credentials.
pub(super) fn project_is_given(settings: &Settings) -> bool {
    let is_named = named(settings).is_some();
    let is_for_this =
        settings.options.get(PROJECT).is_some_and(|it| it.origin() != Origin::Variable(FOR_ALL));
    // Google's own SDK parses the variable the same way.
    let switch = settings.environment.get("GOOGLE_GENAI_USE_VERTEXAI");
    (is_named && is_for_this) || switch.is_some_and(|it| ["true", "1"].contains(&&*it.to_ascii_lowercase()))
}

/// Returns the project for Vertex AI; `None` where the Gemini API is used.
///
/// # Errors
///
/// Returns an error when the project's name is invalid, or when the project is required and missing.
pub(super) fn project(
    settings: &Settings,
    given: &Given<'_>,
    file: Option<&GoogleFile>,
) -> Result<Option<String>, SettingsError> {
    let named = named(settings);
    let is_vertex = project_is_given(settings)
        || file.is_some()
        || (named.is_some() && (given.key.is_none() || given.token.is_some()));
    if !is_vertex {
        return Ok(None);
    }
    match named.or_else(|| file?.project()) {
        Some(project) => checked(PROJECT, project).map(|it| Some(it.to_owned())),
        None => {
            let place = file.map_or(String::new(), |it| format!(", and {} names none", it.path().display()));
            Err(SettingsError { setting: PROJECT, problem: format!("Vertex AI has to be told one{place}") })
        }
    }
}

fn named(settings: &Settings) -> Option<&str> {
    settings.option(PROJECT).map(str::trim).filter(|it| !it.is_empty())
}

/// Returns `text` if it is a valid project: one segment of a host or path. Old projects have a domain in front.
///
/// # Errors
///
/// Returns an error when it is not valid.
pub(super) fn checked<'a>(setting: &'static str, text: &'a str) -> Result<&'a str, SettingsError> {
    match text.split(['.', ':']).all(is_name) {
        true => Ok(text),
        false => Err(SettingsError { setting, problem: no_name(text) }),
    }
}

/// Returns the description of a text that is no name of a project, a location or an endpoint.
pub(super) fn no_name(text: &str) -> String {
    format!("'{text}' is not valid: give lower case letters, digits and hyphens")
}

#[cfg(test)]
mod tests;
