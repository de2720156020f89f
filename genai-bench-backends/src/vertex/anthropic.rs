//! Requests to Claude on Vertex AI: Anthropic's messages API, with the model in the path and the version in the body.
//!
//! Sources: the provider's API reference and its Python SDK 2.12 (`AnthropicVertex`).

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::api::given;
use super::endpoint::Service;
use super::entry::{NAME, PROVIDER};
use super::error;
use super::error::ErrorAfterEvents;
use crate::anthropic;
use crate::entry::{ProviderOption, Settings, SettingsError};
use crate::wire::request::{RequestBody, post_json};

pub(super) const VERSION: &str = "gcp-anthropic-version";

/// The option of the API version.
pub(super) const VERSION_OPTION: ProviderOption = ProviderOption {
    name: VERSION,
    provider: PROVIDER,
    variables: &[],
    value_name: "VERSION",
    help: "The version of the Messages API that Claude is asked in on Vertex AI, by default 2026-10-21. That version \
        refuses temperature, top_p and top_k; vertex-2023-10-16 takes them",
    is_secret: false,
};

/// The version that the provider's SDK 2.12 sends.
const DEFAULT_VERSION: &str = "2026-10-21";

/// The codec of Claude on Vertex AI.
#[derive(Clone, Debug)]
pub(super) struct Claude {
    service: Service,
    headers: HeaderMap,
    version: String,
    /// A system instruction before every conversation.
    system_message: Option<String>,
    /// Fields added to the body of every request, in place of the backend's own fields of the same name.
    body: Map<String, Value>,
}

impl Claude {
    /// Creates the codec that `settings` describe.
    ///
    /// # Errors
    ///
    /// Returns an error when a setting is invalid.
    pub(super) fn new(settings: &Settings, service: Service) -> Result<Self, SettingsError> {
        let version = given(settings, VERSION).unwrap_or(DEFAULT_VERSION).to_owned();
        let (body, system_message) = settings.body_and_instruction()?;
        Ok(Self { service, headers: settings.headers.clone(), version, system_message, body })
    }
}

impl Backend for Claude {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let Input::Chat { messages, output } = &request.input else {
            return Err(Unsupported::new(NAME, "anything but conversations by Anthropic's API"));
        };
        let mut body = RequestBody::new(&self.body);
        anthropic::write_request(&mut body, self.system_message.as_deref(), messages, *output)
            .map_err(|what| Unsupported::new(NAME, what))?;
        body.set("anthropic_version", &self.version);
        let stream = body.streams("stream", request.stream);
        if stream {
            body.set("stream", &true);
        }
        let method = if stream { "streamRawPredict" } else { "rawPredict" };
        let uri = self
            .service
            .method(&request.model, "anthropic", method)
            .map_err(|what| Unsupported::new(NAME, what))?;
        Ok(post_json(uri, body.finish(), Some("application/json"), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        ErrorAfterEvents::boxed(anthropic::decoder(request, head))
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}
