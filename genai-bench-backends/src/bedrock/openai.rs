//! Conversations through `OpenAI`'s API, as Bedrock serves it: on its runtime, and on hosts of their own, which are
//! signed for under a name of their own.
//!
//! Sources: the signer of Bedrock inside the openai Python SDK 3.54.0, and AWS's guide to Bedrock.

use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::auth::AuthProvider;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};

use super::entry::NAME;
use super::options::FAMILY;
use crate::openai::{self, BaseUrl, Dialect, InvalidBaseUrl};
use crate::registry::{Endpoint, Settings, SettingsError};

/// Where the API is on the runtime.
const PATH: [&str; 2] = ["/openai", "/v1"];

/// Makes the backend for the server at `base`, which knows us by `auth`.
pub(super) fn build(
    settings: &Settings,
    base: &super::BaseUrl,
    auth: Arc<dyn AuthProvider>,
) -> Result<Endpoint, SettingsError> {
    if settings.option(FAMILY.name).is_some() {
        let problem = "OpenAI's API is the same for all models: leave it out";
        return Err(SettingsError { setting: FAMILY.name, problem: problem.to_owned() });
    }
    let mut endpoint = openai::build_at(address(base)?, auth, settings, dialect())?;
    endpoint.backend = Arc::new(Conversations(endpoint.backend));
    Ok(endpoint)
}

/// The API on the host at `base`.
fn address(base: &super::BaseUrl) -> Result<BaseUrl, SettingsError> {
    let wrong = |problem: String| SettingsError { setting: "api_base", problem };
    let given = BaseUrl::as_given(&base.to_string());
    let given = given.map_err(|it: InvalidBaseUrl| wrong(format!("'{base}' is {it}")))?;
    if given.ends_in_version() {
        return Ok(given);
    }
    if base.is_mantle() {
        let problem =
            format!("'{base}' has no path: give /v1 or /openai/v1 behind it, as the model wants it");
        return Err(wrong(problem));
    }
    Ok(PATH.iter().fold(given, |it, part| it.ending_in(part)))
}

pub(super) fn dialect() -> Dialect {
    Dialect { name: NAME, ..Dialect::openai() }
}

/// A server of conversations and of nothing else.
#[derive(Debug)]
pub(super) struct Conversations(pub(super) Arc<dyn Backend>);

impl Backend for Conversations {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        if !matches!(request.input, Input::Chat { .. }) {
            let what = "anything but conversations through OpenAI's API: leave --aws-bedrock-api out";
            return Err(Unsupported::new(NAME, what));
        }
        self.0.encode(request)
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        self.0.decoder(request, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        self.0.failure(head, body)
    }
}
