//! The codec of one dialect.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::Request;

use super::{BaseUrl, ChatApi, Dialect, request, response};
use crate::wire::error;
use crate::wire::request::post_json;

/// A backend for one server of this family of APIs.
///
/// ```
/// use genai_bench_backends::openai::{Dialect, OpenAi};
/// use genai_bench_core::backend::Backend;
/// use genai_bench_core::request::{OutputLength, Request};
/// use genai_bench_core::units::Tokens;
///
/// let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::self_hosted("vllm"));
/// let wire = backend.encode(&Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))))?;
/// assert_eq!(wire.uri(), "http://localhost:8000/v1/chat/completions");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenAi {
    base: BaseUrl,
    dialect: Dialect,
}

impl OpenAi {
    /// Creates a backend for the server at `base`, in `dialect`.
    #[must_use]
    pub fn new(base: BaseUrl, dialect: Dialect) -> Self {
        Self { base, dialect }
    }

    fn unsupported(&self, what: impl Into<String>) -> Unsupported {
        Unsupported::new(self.dialect.name, what)
    }
}

impl Backend for OpenAi {
    fn name(&self) -> &str {
        self.dialect.name
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let encoded = request::encode(request, &self.dialect).map_err(|it| self.unsupported(it))?;
        let uri = if self.dialect.deployment_paths {
            self.base.join_deployment(self.dialect.model(request), encoded.path)
        } else {
            self.base.join(encoded.path)
        };
        let uri = uri.map_err(|it| self.unsupported(format!("its own address: {it}")))?;
        Ok(post_json(uri, encoded.body, Some("*/*"), &self.dialect.headers))
    }

    fn sends_tools(&self) -> bool {
        self.dialect.chat_api == ChatApi::Completions
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        response::decoder(request, &self.dialect, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}
