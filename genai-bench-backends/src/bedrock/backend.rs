//! The codec.

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::entry::NAME;
use super::stream::StreamDecoder;
use super::{BaseUrl, Extras, answer, converse, embeddings, error, rerank, usage};
use crate::wire::whole::WholeDecoder;
use crate::wire::{post, ranking};

/// Speaks to the runtime of AWS Bedrock.
///
/// ```
/// use genai_bench_backends::bedrock::{BaseUrl, Bedrock};
/// use genai_bench_core::backend::Backend;
/// use genai_bench_core::request::{OutputLength, Request};
/// use genai_bench_core::units::Tokens;
///
/// let backend = Bedrock::new(BaseUrl::of_region("us-east-1")?);
/// let request = Request::chat("amazon.nova-lite-v1:0", "Hello", OutputLength::AtMost(Tokens(16)));
/// assert_eq!(backend.encode(&request)?.uri().path(), "/model/amazon.nova-lite-v1%3A0/converse-stream");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bedrock {
    base: BaseUrl,
    headers: HeaderMap,
    extras: Extras,
}

impl Bedrock {
    /// Speaks to the server at `base`.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self { base, headers: HeaderMap::new(), extras: Extras::default() }
    }

    /// The same with headers added to every request.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same with fields added to the body of every request.
    #[must_use]
    pub fn with_extras(mut self, extras: Extras) -> Self {
        self.extras = extras;
        self
    }

    fn streams(&self, request: &Request) -> bool {
        self.extras.stream.unwrap_or(request.stream)
    }

    /// What is done with the model, and the body that says how.
    fn operation(&self, request: &Request) -> Result<(&'static str, Bytes), &'static str> {
        match &request.input {
            Input::Chat { messages, output } => {
                let operation = if self.streams(request) { "converse-stream" } else { "converse" };
                Ok((operation, converse::ask(messages, *output, &self.extras)?))
            }
            Input::Embeddings { texts, images } if images.is_empty() => {
                Ok(("invoke", embeddings::ask(&request.model, texts, &self.extras.body)?))
            }
            Input::Embeddings { .. } => Err("embeddings of pictures"),
            Input::Rerank { query, documents } => {
                Ok(("invoke", rerank::ask(&request.model, query, documents, &self.extras.body)?))
            }
            Input::Completion { .. } => Err("completions: it has conversations only"),
            _ => Err("this kind of input"),
        }
    }
}

impl Backend for Bedrock {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let unsupported = |what: String| Unsupported::new(NAME, what);
        let (operation, body) = self.operation(request).map_err(|it| unsupported(it.to_owned()))?;
        let uri = self.base.of_model(&request.model, operation);
        let uri = uri.map_err(|it| unsupported(format!("its own address: {it}")))?;
        let accept = (operation == "invoke").then_some("application/json");
        Ok(post::json(uri, body, accept, &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        match &request.input {
            Input::Embeddings { texts, .. } => {
                let asked = embeddings::asked(texts, &self.extras.body);
                let usage = usage::in_head(head);
                return WholeDecoder::skimming(move |it, events| embeddings::read(it, asked, usage, events));
            }
            Input::Rerank { documents, .. } => {
                let asked = ranking::asked(documents, &self.extras.body);
                let usage = usage::in_head(head);
                return WholeDecoder::skimming(move |it, events| rerank::read(it, asked, usage, events));
            }
            _ => {}
        }
        let told = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let is_streamed = match told.split(';').next().unwrap_or_default().trim() {
            "application/vnd.amazon.eventstream" => true,
            "application/json" => false,
            _ => self.streams(request),
        };
        if is_streamed { StreamDecoder::boxed() } else { WholeDecoder::boxed(answer::read) }
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

    fn backend(extra: &Value) -> Bedrock {
        let extras = Extras::new(extra.as_object().unwrap().clone()).unwrap();
        Bedrock::new(BaseUrl::of_region("us-east-1").unwrap()).with_extras(extras)
    }

    fn path(request: &Request, extra: &Value) -> String {
        backend(extra).encode(request).unwrap().uri().path().to_owned()
    }

    #[test]
    fn whether_an_answer_is_streamed_is_a_part_of_the_address() {
        let chat = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
        assert_eq!(path(&chat, &json!({})), "/model/m/converse-stream");
        assert_eq!(path(&chat.clone().unstreamed(), &json!({})), "/model/m/converse");
        assert_eq!(path(&chat, &json!({"stream": false})), "/model/m/converse");
        assert_eq!(path(&chat.unstreamed(), &json!({"stream": true})), "/model/m/converse-stream");
    }

    #[test]
    fn what_it_does_not_have_is_refused() {
        let refused = |request: Request| backend(&json!({})).encode(&request).unwrap_err().to_string();
        let completion = Request::completion("m", "Hello", OutputLength::Free);
        assert_eq!(refused(completion), "aws-bedrock cannot express completions: it has conversations only");
        let picture = Input::Embeddings { texts: vec![], images: vec![Media::image("x")] };
        assert_eq!(
            refused(Request::new("amazon.titan-embed-image-v1", picture)),
            "aws-bedrock cannot express embeddings of pictures"
        );
        let speech = Input::Speech { text: "t".into() };
        assert_eq!(refused(Request::new("m", speech)), "aws-bedrock cannot express this kind of input");
    }
}
