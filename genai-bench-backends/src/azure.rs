//! Azure: a dialect of `OpenAI`'s API, in which every customer has an address and models have names of their own.
//!
//! Sources: the provider's API reference, and what `AzureOpenAI` of the openai Python SDK 3.54 sends.

use crate::auth::{Origin, Secret};
use crate::entry::{Endpoint, Entry, ProviderOption, Settings, SettingsError};
use crate::openai::{self, BaseUrl, Dialect, InvalidBaseUrl, LengthField};

#[cfg(feature = "conformance")]
mod cassettes;
mod credentials;

use credentials::{AD_TOKEN, CREDENTIAL, SCOPE};

const PROVIDER: &str = "Azure";
const ENDPOINT: &str = "azure-endpoint";
const DEPLOYMENT: &str = "azure-deployment";
const API_VERSION: &str = "azure-api-version";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: "azure-openai",
    tasks: openai::ENTRY.tasks,
    // Every customer has another one.
    default_base: "",
    base_variables: &[],
    key_variables: credentials::KEY_VARIABLES,
    auth: credentials::KINDS,
    credentials: credentials::CREDENTIALS,
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
        help: "Where the resource is, such as https://NAME.openai.azure.com; --api-base says the same",
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
        variables: credentials::TOKEN_VARIABLES,
        value_name: "TOKEN",
        help: "A token of Entra ID, used instead of a key; it is not renewed",
        is_secret: true,
    },
    ProviderOption {
        name: CREDENTIAL,
        provider: PROVIDER,
        variables: &["AZURE_OPENAI_CREDENTIAL"],
        value_name: "WAY",
        help: "Who to be, and nobody else: token, key, client-secret, workload-identity, managed-identity, \
               cli (az login), none, or chain: the first of the four of Entra ID that is set up. Without it: a \
               token, else a key, else a header, else, for an address with https, chain",
        is_secret: false,
    },
    ProviderOption {
        name: SCOPE,
        provider: PROVIDER,
        variables: &["AZURE_OPENAI_SCOPE"],
        value_name: "URL",
        help: "What tokens are asked for, if not https://cognitiveservices.azure.com/.default: for some models \
               of Foundry it is https://ai.azure.com/.default",
        is_secret: false,
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
    if version.is_some_and(is_before_reasoning_models) {
        dialect.length_field = LengthField::MaxTokens;
        dialect.include_usage = false;
    }
    let base = base(settings, version)?;
    let auth = credentials::auth_provider(settings, base.to_string().starts_with("https://"))?;
    openai::build_at(base, auth, settings, dialect)
}

/// Returns whether an API version is older than 2024-09-01-preview, the first that knows `max_completion_tokens` and
/// `stream_options`. Older ones refuse requests with either: openai/openai-python issues 1469 and 1724, BerriAI/litellm issues
/// 8638 and 8855. What does not begin with a date, such as `preview`, is a newer one.
fn is_before_reasoning_models(version: &str) -> bool {
    const FIRST: &str = "2024-09-01";
    let date = version.get(..FIRST.len()).unwrap_or_default();
    let is_digit_or_dash = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    !date.is_empty() && date.bytes().enumerate().all(is_digit_or_dash) && date < FIRST
}

fn dialect() -> Dialect {
    Dialect { name: ENTRY.name, ..Dialect::openai() }
}

fn base(settings: &Settings, version: Option<&str>) -> Result<BaseUrl, SettingsError> {
    let typed = settings.api_base.as_deref().map(|it| ("api_base", it));
    let is_typed = |it: &&Secret| !it.reveal().is_empty() && matches!(it.origin(), Origin::Option(_));
    if let (Some((_, base)), Some(endpoint)) = (typed, settings.options.get(ENDPOINT).filter(is_typed))
        && base.trim_end_matches('/') != endpoint.reveal().trim_end_matches('/')
    {
        let problem = format!("not where --api-base says that it is, '{base}': leave one of them out");
        return Err(SettingsError { setting: ENDPOINT, problem });
    }
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

#[cfg(test)]
mod tests;
