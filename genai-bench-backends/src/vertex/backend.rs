//! The codec.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;

use super::service::Service;
use super::stream::AnswerDecoder;
use super::wanted::Wanted;
use super::{answer, embeddings, error, generate};
use crate::wire::content::Content;
use crate::wire::post;
use crate::wire::whole::WholeDecoder;

/// The name under which results are reported: the Python tool's.
pub(super) const NAME: &str = "gcp-vertex";

/// Speaks to one of the two services.
#[derive(Clone, Debug)]
pub(super) struct Gemini {
    pub(super) service: Service,
    /// Headers added to every request.
    pub(super) headers: HeaderMap,
    pub(super) wanted: Wanted,
}

impl Gemini {
    /// The method of the model, and the body.
    fn ask(&self, request: &Request) -> Result<(&'static str, Bytes), &'static str> {
        match &request.input {
            Input::Chat { messages, output } => {
                generate::ask(messages, *output, request.stream, &self.wanted)
            }
            Input::Embeddings { texts, images } if images.is_empty() => {
                embeddings::ask(texts, &request.model, &self.service, &self.wanted.all)
            }
            Input::Embeddings { .. } => Err("embeddings of pictures"),
            Input::Completion { .. } => Err("a completion: this API knows conversations only"),
            _ => Err("anything but conversations and embeddings of texts"),
        }
    }
}

impl Backend for Gemini {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let unsupported = |what| Unsupported::new(NAME, what);
        let name = request.model.rsplit('/').next().unwrap_or_default();
        if self.service.is_vertex() && name.starts_with("claude") {
            return Err(unsupported("requests to Claude, which has another API"));
        }
        let (method, body) = self.ask(request).map_err(unsupported)?;
        let uri = self.service.method(&request.model, method).map_err(unsupported)?;
        Ok(post::json(uri, body, Some("*/*"), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        if let Input::Embeddings { texts, .. } = &request.input {
            let asked = embeddings::asked(texts, &self.wanted.all);
            return WholeDecoder::skimming(move |body, events| embeddings::read(body, asked, events));
        }
        if Content::of(head).is_streamed(request) {
            AnswerDecoder::boxed()
        } else {
            WholeDecoder::boxed(answer::read)
        }
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::refused(head, body)
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Media, OutputLength};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;

    fn backend(service: Service, extra: &Value) -> Gemini {
        let wanted = Wanted::new(extra.as_object().unwrap()).unwrap();
        Gemini { service, headers: HeaderMap::new(), wanted }
    }

    fn vertex(extra: &Value) -> Gemini {
        let base = Some("http://127.0.0.1:1");
        backend(Service::vertex("demo-project", "us-central1", base).unwrap(), extra)
    }

    fn hello(output: OutputLength) -> Request {
        Request::chat("gemini-2.5-flash", "Hello", output)
    }

    fn embeddings(model: &str, texts: &[&str]) -> Request {
        let texts = texts.iter().map(|it| (*it).into()).collect();
        Request::new(model, Input::Embeddings { texts, images: Vec::new() })
    }

    /// Holds a request against the one that the google-genai Python SDK 3.4.0 sends, as recorded on 2026-11-23.
    fn is_as_the_sdk_sends_it(case: &str, backend: &Gemini, request: &Request) {
        let recorded = include_str!("../../fixtures/vertex/requests.json");
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let expected = &recorded[case];
        let wire = backend.encode(request).unwrap();
        assert_eq!(wire.method().as_str(), expected["method"], "{case}");
        assert_eq!(wire.uri().path_and_query().unwrap().as_str(), expected["path"], "{case}");
        for name in ["accept", "content-type"] {
            assert_eq!(wire.headers()[name].to_str().unwrap(), expected["headers"][name], "{case}");
        }
        let body: Value = serde_json::from_slice(wire.body()).unwrap();
        assert_eq!(body, expected["json"], "{case}");
    }

    #[test]
    fn text_is_asked_for_as_the_sdk_asks() {
        // The SDK sends the name of this field as it was given, and so do we.
        let extra =
            json!({"temperature": 0.0, "generationConfig": {"thinkingConfig": {"thinking_budget": 0}}});
        let sixteen = OutputLength::AtMost(Tokens(16));
        is_as_the_sdk_sends_it("vertex_gemini_stream", &vertex(&extra), &hello(sixteen));
        let free = hello(OutputLength::Free);
        is_as_the_sdk_sends_it("vertex_gemini_stream_error", &vertex(&json!({})), &free);
        let gemini = Service::gemini(Some("http://127.0.0.1:1/v1")).unwrap();
        is_as_the_sdk_sends_it("gemini_api_stream_key", &backend(gemini, &json!({})), &free);
    }

    #[test]
    fn vectors_are_asked_for_as_the_sdk_asks() {
        let extra = json!({"task_type": "RETRIEVAL_DOCUMENT",
            "parameters": {"outputDimensionality": 256, "autoTruncate": true}});
        let both = embeddings("text-embedding-005", &["a", "b"]);
        is_as_the_sdk_sends_it("vertex_embed_predict", &vertex(&extra), &both);
        let extra = json!({"embedContentConfig": {"outputDimensionality": 256}});
        let one = embeddings("gemini-embedding-2", &["a"]);
        is_as_the_sdk_sends_it("vertex_embed_gemini_embedding_2", &vertex(&extra), &one);
        let both = embeddings("gemini-embedding-2", &["a", "b"]);
        is_as_the_sdk_sends_it("vertex_embed_gemini_embedding_2_batch", &vertex(&extra), &both);
    }

    #[test]
    fn an_answer_in_one_piece_is_another_method() {
        let wire = vertex(&json!({})).encode(&hello(OutputLength::Free).unstreamed()).unwrap();
        assert!(wire.uri().to_string().ends_with("/gemini-2.5-flash:generateContent"), "{}", wire.uri());
    }

    #[test]
    fn what_this_api_does_not_have_is_refused() {
        let vertex = vertex(&json!({}));
        let picture = Media::image("data:image/png;base64,QUJD");
        for (request, what) in [
            (Request::completion("m", "Hello", OutputLength::Free), "a completion"),
            (Request::new("m", Input::Speech { text: "a".into() }), "anything but conversations"),
            (
                Request::new("m", Input::Embeddings { texts: Vec::new(), images: vec![picture] }),
                "embeddings of pictures",
            ),
            (Request::chat("anthropic/claude-x@1", "Hello", OutputLength::Free), "requests to Claude"),
            (Request::chat("a b", "Hello", OutputLength::Free), "a model whose name"),
        ] {
            let refused = vertex.encode(&request).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("gcp-vertex cannot express {what}")), "{refused}");
        }
    }
}
