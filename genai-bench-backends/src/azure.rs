//! Azure: a dialect of `OpenAI`'s API, in which every customer has an address and models have names of their own.
//!
//! Sources: the provider's API reference, and what `AzureOpenAI` of the openai Python SDK 3.54 sends.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use http::HeaderName;

use crate::auth::{ApiKey, InvalidKey};
use crate::openai::{self, BaseUrl, Dialect, InvalidBaseUrl};
use crate::registry::{AuthKind, Endpoint, Entry, ProviderOption, Settings, SettingsError};

#[cfg(feature = "conformance")]
mod cassettes;

const PROVIDER: &str = "Azure";
const ENDPOINT: &str = "azure-endpoint";
const DEPLOYMENT: &str = "azure-deployment";
const API_VERSION: &str = "azure-api-version";
const AD_TOKEN: &str = "azure-ad-token";
const TOKEN_KIND: &str = "Entra token";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: "azure-openai",
    tasks: openai::ENTRY.tasks,
    // Every customer has another one.
    default_base: "",
    key_variables: &["MODEL_API_KEY", "AZURE_OPENAI_API_KEY"],
    auth: &[
        AuthKind { name: TOKEN_KIND, found: "--azure-ad-token, or a variable" },
        AuthKind::KEY,
        AuthKind::HEADER,
        AuthKind::NONE,
    ],
    options: OPTIONS,
    build,
    #[cfg(feature = "conformance")]
    subjects: cassettes::subjects,
};

const OPTIONS: &[ProviderOption] = &[
    ProviderOption {
        name: ENDPOINT,
        provider: PROVIDER,
        variables: &["AZURE_OPENAI_ENDPOINT"],
        value_name: "URL",
        help: "Where the resource is, such as https://NAME.openai.azure.com; --api-base wins over it",
        is_secret: false,
    },
    ProviderOption {
        name: DEPLOYMENT,
        provider: PROVIDER,
        variables: &["AZURE_OPENAI_DEPLOYMENT"],
        value_name: "NAME",
        help: "The deployment to ask, if it is not named like the model",
        is_secret: false,
    },
    ProviderOption {
        name: API_VERSION,
        provider: PROVIDER,
        variables: &["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"],
        value_name: "DATE",
        help: "Use the older paths, one for each deployment, in this version, such as 2024-10-21; \
               without it, or where it is empty, those of v1 are used",
        is_secret: false,
    },
    ProviderOption {
        name: AD_TOKEN,
        provider: PROVIDER,
        variables: &["AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN"],
        value_name: "TOKEN",
        help: "A token of Entra ID, used instead of a key; it is not renewed",
        is_secret: true,
    },
];

/// An option that is there and not empty: what is typed as empty undoes the environment.
fn given<'a>(settings: &'a Settings, option: &str) -> Option<&'a str> {
    settings.option(option).filter(|it| !it.is_empty())
}

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let version = given(settings, API_VERSION);
    if version.is_some() && settings.chat_api.as_deref() == Some("responses") {
        let problem = "the paths of a version have no responses: leave it out, and those of v1 are used";
        return Err(SettingsError { setting: API_VERSION, problem: problem.to_owned() });
    }
    let mut dialect = dialect();
    dialect.model = given(settings, DEPLOYMENT).map(str::to_owned);
    dialect.deployment_paths = version.is_some();
    openai::build_at(base(settings, version)?, auth(settings)?, settings, dialect)
}

fn dialect() -> Dialect {
    Dialect { name: ENTRY.name, ..Dialect::openai() }
}

fn base(settings: &Settings, version: Option<&str>) -> Result<BaseUrl, SettingsError> {
    let typed = settings.api_base.as_deref().map(|it| ("api_base", it));
    let Some((setting, text)) = typed.or_else(|| Some((ENDPOINT, given(settings, ENDPOINT)?))) else {
        let problem = "needed: give the address of the resource, such as https://NAME.openai.azure.com";
        return Err(SettingsError { setting: ENDPOINT, problem: problem.to_owned() });
    };
    if text.contains("/deployments/") {
        let problem = format!(
            "'{text}' is the address of a deployment: give the part before /openai, and the rest with \
             --{DEPLOYMENT} and --{API_VERSION}"
        );
        return Err(SettingsError { setting, problem });
    }
    let wrong = |it: InvalidBaseUrl| SettingsError { setting, problem: format!("'{text}' is {it}") };
    let base = BaseUrl::as_given(text).map_err(wrong)?;
    Ok(match version {
        Some(version) => base.without("/openai/v1").ending_in("/openai").with_query("api-version", version),
        None if base.ends_in_version() => base,
        None => base.ending_in("/openai").ending_in("/v1"),
    })
}

/// A token wins over a key.
fn auth(settings: &Settings) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let wrong = |it: InvalidKey| SettingsError { setting: AD_TOKEN, problem: it.to_string() };
    let token = settings.options.get(AD_TOKEN).filter(|it| !it.reveal().is_empty());
    match token {
        Some(token) => Ok(Arc::new(ApiKey::bearer(token).map_err(wrong)?.of_kind(TOKEN_KIND))),
        None => settings.key_or_nobody(|key| ApiKey::in_header(HeaderName::from_static("api-key"), key)),
    }
}

#[cfg(test)]
mod tests;
