//! How the command line names and makes the backends of the three formats.

use std::sync::Arc;

use genai_bench_core::task::Task;

use super::backend::Oci;
use super::extra_params::ExtraParams;
use super::format::Format;
use super::serving::Serving;
use super::{endpoint, options};
use crate::entry::{Endpoint, Entry, Settings, SettingsError};
use crate::oci::auth;

/// Conversations with Command R, embeddings and reranking.
pub(crate) const COHERE: Entry = Entry {
    name: Format::Cohere.backend(),
    tasks: &[Task::TextToText, Task::TextToEmbeddings, Task::TextToRerank, Task::ImageToEmbeddings],
    // Every region has another one.
    default_base: "",
    base_variables: &[],
    key_variables: auth::KEY_VARIABLES,
    auth: auth::AUTH,
    credentials: auth::CREDENTIALS,
    options: options::NATIVE,
    build: |settings| build(settings, Format::Cohere),
    #[cfg(feature = "conformance")]
    subjects: || super::cassettes::subjects(Format::Cohere),
};

/// Conversations with Command A.
pub(crate) const COHERE_V2: Entry = Entry {
    name: Format::CohereV2.backend(),
    tasks: &[Task::TextToText, Task::ImageTextToText],
    build: |settings| build(settings, Format::CohereV2),
    #[cfg(feature = "conformance")]
    subjects: || super::cassettes::subjects(Format::CohereV2),
    ..COHERE
};

/// Conversations with the models of all others.
pub(crate) const GENAI: Entry = Entry {
    name: Format::Generic.backend(),
    tasks: &[Task::TextToText, Task::ImageTextToText, Task::VideoTextToText],
    build: |settings| build(settings, Format::Generic),
    #[cfg(feature = "conformance")]
    subjects: || super::cassettes::subjects(Format::Generic),
    ..COHERE
};

fn build(settings: &Settings, format: Format) -> Result<Endpoint, SettingsError> {
    settings.refuse_those_of_openai(format.backend())?;
    let mut extra_params = ExtraParams::new(settings, format)?;
    let access = auth::access(settings)?;
    let serving = Serving::from_settings(settings, access.tenancy.as_deref(), &mut extra_params.body)?;
    let base = endpoint::actions(settings, access.region.as_deref())?;
    let (headers, address) = (settings.headers.clone(), base.clone());
    let backend = Oci { format, base, serving, extra_params, headers };
    Ok(Endpoint::new(Arc::new(backend), access.auth, address))
}

/// Where a request with the fields of `extra` goes, and what it says, to compare with; or why it cannot be said.
#[cfg(test)]
pub(super) fn encoded(
    format: Format,
    request: &genai_bench_core::request::Request,
    extra: &serde_json::Value,
) -> Result<(String, serde_json::Value), String> {
    let settings = Settings { body: extra.as_object().expect("an object").clone(), ..tests::settings() };
    let wire = build(&settings, format).expect("it can be made").backend.encode(request);
    let wire = wire.map_err(|it| it.to_string())?;
    let said = serde_json::from_slice(wire.body()).expect("it is JSON");
    Ok((wire.uri().path().to_owned(), said))
}

/// Where a request of the OCI Python SDK 2.189.0 goes, and what it says.
#[cfg(test)]
pub(super) fn sdk_request(name: &str) -> (String, serde_json::Value) {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/oci/sdk_requests.json")).expect("it is JSON");
    let request = &all[name];
    (request["path"].as_str().expect("there is one of this name").to_owned(), request["json"].clone())
}

#[cfg(test)]
mod tests;
