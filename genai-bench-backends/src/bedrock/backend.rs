//! The codec.

use std::borrow::Cow;

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use super::entry::NAME;
use super::event::StreamDecoder;
use super::{
    BaseUrl, ExtraParams, Family, embeddings, error, event, images, invoke, request, rerank, response, usage,
};
use crate::wire::items;
use crate::wire::request::post_json;
use crate::wire::unstreamed::UnstreamedDecoder;

/// Where a streamed answer is said to be wanted in JSON: `Accept` is for the framing.
const ACCEPT_INSIDE: HeaderName = HeaderName::from_static("x-amzn-bedrock-accept");

const INVOKE: &str = "invoke";
const INVOKE_STREAMED: &str = "invoke-with-response-stream";

/// Speaks to the runtime of AWS Bedrock.
///
/// ```
/// use genai_bench_backends::bedrock::{BaseUrl, Bedrock};
/// use genai_bench_core::backend::Backend;
/// use genai_bench_core::request::{OutputLength, Request};
/// use genai_bench_core::units::Tokens;
///
/// let backend = Bedrock::new(BaseUrl::from_region("us-east-1")?);
/// let request = Request::chat("amazon.nova-lite-v1:0", "Hello", OutputLength::AtMost(Tokens(16)));
/// assert_eq!(backend.encode(&request)?.uri().path(), "/model/amazon.nova-lite-v1%3A0/converse-stream");
/// let path = "/model/amazon.nova-lite-v1%3A0/invoke-with-response-stream";
/// assert_eq!(backend.with_invoke_model().encode(&request)?.uri().path(), path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bedrock {
    base: BaseUrl,
    headers: HeaderMap,
    extra_params: ExtraParams,
    invokes: bool,
    family: Option<Family>,
}

/// What is done with a model, and the body that says how.
type Operation = (&'static str, Bytes);

impl Bedrock {
    /// Speaks to the server at `base`.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self {
            base,
            headers: HeaderMap::new(),
            extra_params: ExtraParams::default(),
            invokes: false,
            family: None,
        }
    }

    /// The same with headers added to every request.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same with fields added to the body of every request.
    #[must_use]
    pub fn with_extra_params(mut self, extra_params: ExtraParams) -> Self {
        self.extra_params = extra_params;
        self
    }

    /// The same with conversations through `InvokeModel`, in the models' own words, and not through Converse.
    #[must_use]
    pub fn with_invoke_model(mut self) -> Self {
        self.invokes = true;
        self
    }

    /// The same with models that are of this family, whatever their ids say.
    #[must_use]
    pub fn with_family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    fn streams(&self, request: &Request) -> bool {
        self.extra_params.stream.unwrap_or(request.stream)
    }

    fn family(&self, model: &str) -> Option<Family> {
        self.family.or_else(|| Family::from_model_id(model))
    }

    fn operation(&self, request: &Request) -> Result<Operation, Cow<'static, str>> {
        let (model, extra_params) = (&*request.model, &self.extra_params);
        let body = match &request.input {
            Input::Chat { .. } | Input::Completion { .. } if self.invokes => return self.invoked(request),
            Input::Chat { .. } | Input::Completion { .. } => return self.conversed(request),
            Input::Embeddings { texts, images } => {
                embeddings::write_request(self.family, model, texts, images, extra_params)?
            }
            Input::Rerank { query, documents } => {
                rerank::write_request(self.family, model, query, documents, &extra_params.body)?
            }
            Input::Images { prompt, size, count } => {
                images::write_request(self.family(model), prompt, *size, *count, extra_params)?
            }
            _ => return Err("this kind of input".into()),
        };
        Ok((INVOKE, body))
    }

    fn invoked(&self, request: &Request) -> Result<Operation, Cow<'static, str>> {
        let Some(family) = self.family(&request.model) else {
            return Err(format!(
                "InvokeModel with '{}', whose id does not say whose model it is: say it with --aws-bedrock-family, \
                 one of {}",
                request.model,
                Family::names()
            )
            .into());
        };
        let operation = if self.streams(request) { INVOKE_STREAMED } else { INVOKE };
        Ok((operation, invoke::write_request(family, request, &self.extra_params)?))
    }

    fn conversed(&self, request: &Request) -> Result<Operation, Cow<'static, str>> {
        let Input::Chat { messages, output } = &request.input else {
            return Err(
                "completions through Converse, which has conversations only: --aws-bedrock-api invoke has \
                        them for models that continue a prompt"
                    .into(),
            );
        };
        if self.family.is_some() {
            return Err(
                "a family through Converse, which asks all models alike: leave --aws-bedrock-family out"
                    .into(),
            );
        }
        let operation = if self.streams(request) { "converse-stream" } else { "converse" };
        Ok((operation, request::write_request(messages, *output, &self.extra_params)?))
    }

    /// A request to do `operation`, under the headers that boto3 sends with it.
    fn post(&self, uri: Uri, (operation, body): Operation) -> http::Request<Bytes> {
        let accept = (operation == INVOKE).then_some("application/json");
        let mut headers = HeaderMap::new();
        if operation == INVOKE_STREAMED {
            headers.insert(ACCEPT_INSIDE, HeaderValue::from_static("application/json"));
        }
        headers.extend(self.headers.clone());
        post_json(uri, body, accept, &headers)
    }

    /// A decoder of an answer in text.
    fn answer(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        let told = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let is_streamed = match told.split(';').next().unwrap_or_default().trim() {
            "application/vnd.amazon.eventstream" => true,
            "application/json" => false,
            _ => self.streams(request),
        };
        // What has no family was never sent to be invoked.
        match (self.family(&request.model).filter(|_| self.invokes), is_streamed) {
            (Some(family), true) => invoke::streamed(family),
            (Some(family), false) => {
                invoke::whole(family, usage::in_head(head), response::server_time_in_head(head))
            }
            (None, true) => StreamDecoder::boxed(event::reader()),
            (None, false) => UnstreamedDecoder::boxed(response::read),
        }
    }
}

impl Backend for Bedrock {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let unsupported = |what: Cow<'static, str>| Unsupported::new(NAME, what);
        let operation = self.operation(request).map_err(unsupported)?;
        let uri = self.base.operation_uri(&request.model, operation.0);
        let uri = uri.map_err(|it| unsupported(format!("its own address: {it}").into()))?;
        Ok(self.post(uri, operation))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        let extra = &self.extra_params.body;
        let usage = usage::input_usage_from_head(head);
        match &request.input {
            Input::Embeddings { texts, images } => {
                let expected = embeddings::expected_count(texts, images, extra);
                UnstreamedDecoder::without_long_values(move |it, events| {
                    embeddings::read(it, expected, usage, events)
                })
            }
            Input::Rerank { documents, .. } => {
                let expected = items::expected_documents(documents, extra);
                UnstreamedDecoder::without_long_values(move |it, events| {
                    rerank::read(it, expected, usage, events)
                })
            }
            Input::Images { count, .. } => {
                let expected = images::expected_count(*count, &self.extra_params);
                UnstreamedDecoder::without_long_values(move |it, events| images::read(it, expected, events))
            }
            _ => self.answer(request, head),
        }
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}

#[cfg(test)]
mod tests;
