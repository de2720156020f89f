//! The codec of the three formats.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::extra_params::ExtraParams;
use super::format::Format;
use super::serving::Serving;
use super::{embeddings, error, request, rerank, response};
use crate::wire::framing::FramingDecoder;
use crate::wire::items;
use crate::wire::request::{RequestBody, post_json};
use crate::wire::stream::StreamDecoder;
use crate::wire::unstreamed::{UnstreamedDecoder, check_error_first};

/// A backend for one of the service's formats.
#[derive(Clone, Debug)]
pub(super) struct Oci {
    /// The format of conversations.
    pub(super) format: Format,
    /// The address, up to the names of the actions.
    pub(super) base: String,
    /// The serving mode of the model, and the compartment.
    pub(super) serving: Serving,
    /// The fields of every request.
    pub(super) extra_params: ExtraParams,
    /// Headers added to every request.
    pub(super) headers: HeaderMap,
}

impl Oci {
    /// Returns the action of a request, and its body.
    fn action(&self, request: &Request) -> Result<(&'static str, Bytes), &'static str> {
        let (extra, nothing) = (&self.extra_params.body, Map::new());
        match &request.input {
            Input::Chat { messages, output } => {
                let mut body = self.new_body(request, &nothing).nested("chatRequest", extra);
                request::write_request(
                    &mut body,
                    messages,
                    *output,
                    request.stream,
                    self.format,
                    &self.extra_params,
                )?;
                Ok(("chat", body.finish()))
            }
            Input::Embeddings { texts, images } if self.format == Format::Cohere => {
                let mut body = self.new_body(request, extra);
                embeddings::write_request(&mut body, texts, images)?;
                Ok(("embedText", body.finish()))
            }
            Input::Rerank { query, documents } if self.format == Format::Cohere => {
                let mut body = self.new_body(request, extra);
                rerank::write_request(&mut body, query, documents);
                Ok(("rerankText", body.finish()))
            }
            Input::Embeddings { .. } | Input::Rerank { .. } => Err("this kind of input: oci-cohere can"),
            Input::Completion { .. } => Err("completions: it has conversations only"),
            _ => Err("this kind of input"),
        }
    }

    /// Creates a body with the serving mode of the model and the fields of `extra`.
    fn new_body<'a>(&self, request: &Request, extra: &'a Map<String, Value>) -> RequestBody<'a> {
        let mut body = RequestBody::new(extra);
        self.serving.write_fields(&mut body, &request.model);
        body
    }

    fn unsupported(&self, what: impl Into<String>) -> Unsupported {
        Unsupported::new(self.name(), what)
    }
}

impl Backend for Oci {
    fn name(&self) -> &str {
        self.format.backend()
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let (action, body) = self.action(request).map_err(|it| self.unsupported(it))?;
        let uri = format!("{}/{action}", self.base).parse();
        let uri = uri.map_err(|it| self.unsupported(format!("its own address: {it}")))?;
        let accept =
            if action == "chat" { "application/json, text/event-stream" } else { "application/json" };
        Ok(post_json(uri, body, Some(accept), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        let extra = &self.extra_params.body;
        match &request.input {
            Input::Embeddings { texts, images } => {
                let expected = embeddings::expected_count(texts, images, extra);
                UnstreamedDecoder::without_long_values(check_error_first(
                    error::from_body,
                    move |body, events| embeddings::read(body, expected, events),
                ))
            }
            Input::Rerank { documents, .. } => {
                let expected = items::expected_documents(documents, extra);
                UnstreamedDecoder::without_long_values(check_error_first(
                    error::from_body,
                    move |body, events| rerank::read(body, expected, events),
                ))
            }
            _ => {
                let stream = StreamDecoder::boxed(response::event_reader(self.format));
                let whole = UnstreamedDecoder::boxed(check_error_first(error::from_body, response::read));
                FramingDecoder::boxed(request, head, stream, whole)
            }
        }
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}
