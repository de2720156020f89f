//! Requests to models of any publisher on Vertex AI: `OpenAI`'s chat completions, at one endpoint for all models that
//! Google serves, and at one for each model that the user has deployed.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::auth::AuthProvider;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};

use super::api::{given, publisher};
use super::endpoint::Service;
use super::entry::{NAME, PROVIDER, is_name};
use super::error;
use super::error::ErrorAfterEvents;
use crate::entry::{Endpoint, ProviderOption, Settings, SettingsError};
use crate::openai::{self, BaseUrl, Dialect, LengthField};

pub(super) const ENDPOINT: &str = "gcp-endpoint-id";

/// The option of an endpoint.
pub(super) const ENDPOINT_OPTION: ProviderOption = ProviderOption {
    name: ENDPOINT,
    provider: PROVIDER,
    variables: &[],
    value_name: "ID",
    help: "The endpoint of a model that was deployed on Vertex AI, asked by the openai API; if it has a host of its \
        own, give that with --api-base",
    is_secret: false,
};

/// The endpoint of all models that Google serves.
const OF_ALL: &str = "openapi";

/// The codec of `OpenAI`'s API on Vertex AI.
#[derive(Clone, Debug)]
pub(super) struct ChatCompletions {
    openai: Arc<dyn Backend>,
    /// `true` for the endpoint of all models, where a model's name begins with its publisher.
    is_of_all: bool,
}

impl ChatCompletions {
    /// Creates the codec that `settings` describe.
    ///
    /// # Errors
    ///
    /// Returns an error when a setting is invalid.
    pub(super) fn new(
        settings: &Settings,
        service: &Service,
        auth: Arc<dyn AuthProvider>,
    ) -> Result<Self, SettingsError> {
        if settings.chat_api.as_deref() == Some("responses") {
            return Err(SettingsError::new(
                "chat_api",
                format!("{NAME} does not support the responses API: leave the option out"),
            ));
        }
        let endpoint = given(settings, ENDPOINT);
        if let Some(id) = endpoint.filter(|it| !is_name(it)) {
            return Err(SettingsError::new(
                ENDPOINT,
                format!("'{id}' is no endpoint ID: give one of lower case letters, digits and hyphens"),
            ));
        }
        let address = service.address();
        let base = BaseUrl::as_given(&address)
            .map_err(|it| SettingsError::new("api_base", format!("'{address}' is {it}")))?;
        let base = base.ending_in(&format!("/endpoints/{}", endpoint.unwrap_or(OF_ALL)));
        let Endpoint { backend, .. } = openai::build_at(base, auth, settings, dialect())?;
        Ok(Self { openai: backend, is_of_all: endpoint.is_none() })
    }

    /// Returns the request with the model's name in the endpoint's form: `PUBLISHER/MODEL`, or unchanged.
    fn named<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let model = &*request.model;
        let name = model.rsplit('/').next().unwrap_or(model);
        let full = format!("{}/{name}", publisher(model).unwrap_or("google"));
        if self.is_of_all && full != model {
            let mut request = request.clone();
            request.model = full.into();
            Cow::Owned(request)
        } else {
            Cow::Borrowed(request)
        }
    }
}

fn dialect() -> Dialect {
    Dialect { name: NAME, length_field: LengthField::MaxTokens, ..Dialect::openai() }
}

impl Backend for ChatCompletions {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        match request.input {
            Input::Chat { .. } => self.openai.encode(&self.named(request)),
            _ => Err(Unsupported::new(NAME, "anything but conversations by OpenAI's API")),
        }
    }

    fn sends_tools(&self) -> bool {
        self.openai.sends_tools()
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        ErrorAfterEvents::boxed(self.openai.decoder(request, head))
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}
