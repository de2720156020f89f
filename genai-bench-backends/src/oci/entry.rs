//! Registry entries of the three formats' backends.

use std::sync::Arc;

use genai_bench_core::task::Task;

use super::backend::Oci;
use super::extra_params::ExtraParams;
use super::format::Format;
use super::serving::Serving;
use super::{endpoint, options};
use crate::entry::{Endpoint, Entry, Settings, SettingsError};
use crate::oci::auth;

/// The backend for chat with Command R, embeddings and reranking.
pub(crate) const COHERE: Entry = Entry {
    name: Format::Cohere.backend(),
    tasks: &[Task::TextToText, Task::TextToEmbeddings, Task::TextToRerank, Task::ImageToEmbeddings],
    // Each region has its own address.
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

/// The backend for chat with Command A.
pub(crate) const COHERE_V2: Entry = Entry {
    name: Format::CohereV2.backend(),
    tasks: &[Task::TextToText, Task::ImageTextToText],
    build: |settings| build(settings, Format::CohereV2),
    #[cfg(feature = "conformance")]
    subjects: || super::cassettes::subjects(Format::CohereV2),
    ..COHERE
};

/// The backend for chat with all other models.
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

/// Returns the path and the body of a request with the fields of `extra`, for comparison, or the encoding error.
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

/// Returns the path and the body of a recorded request of the OCI Python SDK 2.189.0.
#[cfg(test)]
pub(super) fn sdk_request(name: &str) -> (String, serde_json::Value) {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/oci/sdk_requests.json")).expect("it is JSON");
    let request = &all[name];
    (request["path"].as_str().expect("there is one of this name").to_owned(), request["json"].clone())
}

#[cfg(test)]
mod tests;
