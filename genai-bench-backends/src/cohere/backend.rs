//! The codec.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::{embeddings, error, event, request, rerank, response};
use crate::wire;
use crate::wire::framing::FramingDecoder;
use crate::wire::items;
use crate::wire::request::RequestBody;
use crate::wire::request::post_json;
use crate::wire::stream::StreamDecoder;
use crate::wire::unstreamed::{UnstreamedDecoder, check_error_first};

/// The name under which results are reported.
pub(super) const NAME: &str = "cohere";

/// Speaks to one server.
#[derive(Clone, Debug)]
pub(super) struct Cohere {
    /// Where it is, with the version of its API.
    pub(super) base: String,
    /// An instruction put before every conversation.
    pub(super) instruction: Option<String>,
    /// Headers added to every request.
    pub(super) headers: HeaderMap,
    /// Fields added to the body of every request, in place of ours where the name is the same.
    pub(super) body: Map<String, Value>,
}

impl Backend for Cohere {
    fn name(&self) -> &'static str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let mut body = RequestBody::new(&self.body);
        body.set("model", &*request.model);
        let path = match &request.input {
            Input::Chat { messages, output } => {
                let instruction = self.instruction.as_deref();
                request::write_request(&mut body, instruction, messages, *output, request.stream)
            }
            Input::Embeddings { texts, images } => embeddings::write_request(&mut body, texts, images),
            Input::Rerank { query, documents } => Ok(rerank::write_request(&mut body, query, documents)),
            Input::Completion { .. } => Err("completions"),
            _ => Err("this kind of input"),
        };
        let path = path.map_err(|it| Unsupported::new(NAME, it))?;
        let uri = format!("{}/{path}", self.base).parse();
        let uri = uri.map_err(|it| Unsupported::new(NAME, format!("its own address: {it}")))?;
        Ok(post_json(uri, body.finish(), Some("*/*"), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        match &request.input {
            Input::Embeddings { texts, images } => {
                let expected = embeddings::expected_count(texts, images, &self.body);
                UnstreamedDecoder::without_long_values(check_error_first(
                    error::from_body,
                    move |body, events| embeddings::read(body, expected, events),
                ))
            }
            Input::Rerank { documents, .. } => {
                let expected = items::expected_documents(documents, &self.body);
                UnstreamedDecoder::without_long_values(check_error_first(
                    error::from_body,
                    move |body, events| rerank::read(body, expected, events),
                ))
            }
            _ => {
                let whole = UnstreamedDecoder::boxed(check_error_first(error::from_body, response::read));
                FramingDecoder::boxed(request, head, StreamDecoder::boxed(event::read_event), whole)
            }
        }
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        wire::error::from_response(head, body)
    }
}
