//! The codec.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::{HeaderMap, Uri};
use serde_json::{Map, Value};

use super::entry::NAME;
use super::{EventReader, error, request, response};
use crate::wire::framing::FramingDecoder;
use crate::wire::request::{RequestBody, post_json};
use crate::wire::stream::{Progress, StreamDecoder};
use crate::wire::unstreamed::UnstreamedDecoder;

/// Speaks the Messages API to one server.
#[derive(Clone, Debug)]
pub(super) struct Anthropic {
    /// The whole of the address.
    pub(super) uri: Uri,
    /// Headers added to every request: the version of the API among them. They must not be secret.
    pub(super) headers: HeaderMap,
    /// An instruction put before every conversation.
    pub(super) system_message: Option<String>,
    /// Fields added to the body of every request, in place of ours where the name is the same.
    pub(super) body: Map<String, Value>,
}

impl Backend for Anthropic {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let unsupported = |what: &str| Unsupported::new(NAME, what);
        let Input::Chat { messages, output } = &request.input else {
            return Err(unsupported("anything but conversations"));
        };
        let mut body = RequestBody::new(&self.body);
        body.set("model", &*request.model);
        request::write_request(&mut body, self.system_message.as_deref(), messages, *output)
            .map_err(unsupported)?;
        if request.stream {
            body.set("stream", &true);
        }
        Ok(post_json(self.uri.clone(), body.finish(), Some("application/json"), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        decoder(request, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}

/// Creates a decoder for the answer to `request`, whoever serves it.
pub(crate) fn decoder(request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
    let mut reader = EventReader::default();
    let stream = StreamDecoder::boxed(move |name, data, events| match name {
        // What stands between the provider and us may not say it in the provider's shape.
        b"error" => {
            events.failed(error::from_body(data));
            Ok(Progress::Closed)
        }
        _ => reader.read_named_event(name, data, events),
    });
    FramingDecoder::boxed(request, head, stream, UnstreamedDecoder::boxed(response::read))
}
