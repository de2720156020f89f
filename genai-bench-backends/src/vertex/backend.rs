//! A Vertex AI backend for models with different APIs, chosen by the name of the model.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::Request;

use super::anthropic::Claude;
use super::api::Api;
use super::entry::NAME;
use super::error;
use super::gemini::Gemini;
use super::openai::ChatCompletions;

/// A backend that uses the API of each request's model.
#[derive(Clone, Debug)]
pub(super) struct ByModel {
    pub(super) gemini: Gemini,
    pub(super) claude: Claude,
    pub(super) others: ChatCompletions,
}

impl ByModel {
    fn backend_for(&self, request: &Request) -> &dyn Backend {
        match Api::for_request(request) {
            Api::Gemini => &self.gemini,
            Api::Anthropic => &self.claude,
            Api::OpenAi => &self.others,
        }
    }
}

impl Backend for ByModel {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        self.backend_for(request).encode(request)
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        self.backend_for(request).decoder(request, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        // Read in the shapes of all APIs, because a response does not name the request that it answers.
        error::from_response(head, body)
    }
}
