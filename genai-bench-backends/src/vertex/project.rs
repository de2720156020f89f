//! Which project asks Vertex AI, or that none does and the Gemini API is asked.

use super::credentials::Given;
use super::entry::{PROVIDER, is_name};
use crate::auth::{GoogleFile, Origin};
use crate::entry::{ProviderOption, Settings, SettingsError};

/// The option that names it.
pub(super) const PROJECT: &str = "gcp-project-id";
/// It is set for all that asks Google, also where only a key for the Gemini API is there.
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

/// Whether Vertex AI is asked for in so many words, whatever there is to prove who asks.
pub(super) fn is_asked_for(settings: &Settings) -> bool {
    let is_named = named(settings).is_some();
    let is_for_this =
        settings.options.get(PROJECT).is_some_and(|it| it.origin() != Origin::Variable(FOR_ALL));
    // As Google's own SDK reads it.
    let switch = settings.environment.get("GOOGLE_GENAI_USE_VERTEXAI");
    (is_named && is_for_this) || switch.is_some_and(|it| ["true", "1"].contains(&&*it.to_ascii_lowercase()))
}

/// The project that asks Vertex AI; none where the Gemini API is asked.
///
/// # Errors
///
/// When it is none, or there has to be one and is not.
pub(super) fn of(
    settings: &Settings,
    given: &Given<'_>,
    file: Option<&GoogleFile>,
) -> Result<Option<String>, SettingsError> {
    let named = named(settings);
    let is_vertex = is_asked_for(settings)
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

/// `text`, if it can be a project: part of a host and of a path, and nothing more. Old ones have a domain in front.
///
/// # Errors
///
/// When it cannot.
pub(super) fn checked<'a>(setting: &'static str, text: &'a str) -> Result<&'a str, SettingsError> {
    match text.split(['.', ':']).all(is_name) {
        true => Ok(text),
        false => Err(SettingsError { setting, problem: no_name(text) }),
    }
}

/// What is said of a text that is no name of a project, a location or an endpoint.
pub(super) fn no_name(text: &str) -> String {
    format!("'{text}' is none: it has lower case letters, digits and hyphens")
}
