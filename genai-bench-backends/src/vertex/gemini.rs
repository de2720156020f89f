//! Requests to Google's own models, and their responses.

use std::borrow::Cow;

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};
use http::HeaderMap;

use super::endpoint::Service;
use super::entry::NAME;
use super::error::ErrorAfterEvents;
use super::extra_params::ExtraParams;
use super::response::{Expected, Reader};
use super::{embeddings, error, images, request};
use crate::entry::{Settings, SettingsError};
use crate::wire::framing::FramingDecoder;
use crate::wire::request::post_json;
use crate::wire::stream::{self, Progress, StreamDecoder};
use crate::wire::unstreamed::UnstreamedDecoder;

/// The codec of Google's models at one of the two services.
#[derive(Clone, Debug)]
pub(super) struct Gemini {
    service: Service,
    /// Headers added to every request.
    headers: HeaderMap,
    extra_params: ExtraParams,
}

impl Gemini {
    /// Creates the codec that `settings` describe.
    ///
    /// # Errors
    ///
    /// Returns an error when a setting is invalid.
    pub(super) fn new(settings: &Settings, service: Service) -> Result<Self, SettingsError> {
        Ok(Self { service, headers: settings.headers.clone(), extra_params: ExtraParams::new(settings)? })
    }

    /// Returns the method of the model, and the body.
    fn method_and_body(&self, request: &Request) -> Result<(&'static str, Bytes), Cow<'static, str>> {
        let (model, extra_params) = (&*request.model, &self.extra_params);
        match &request.input {
            Input::Chat { messages, output } => {
                Ok(request::write_request(messages, *output, request.stream, extra_params)?)
            }
            Input::Embeddings { texts, images } if images.is_empty() => {
                Ok(embeddings::write_request(texts, model, &self.service, &extra_params.all)?)
            }
            Input::Images { prompt, size, count } => {
                images::write_request(prompt, *size, *count, model, &self.service, extra_params)
            }
            // The voice is the model's default, unless the user's speechConfig names another.
            Input::Speech { text } => {
                Ok(request::write_request_for("AUDIO", text, request.stream, extra_params))
            }
            Input::Embeddings { .. } => Err("embeddings of pictures".into()),
            Input::Completion { .. } => Err("a completion: this API knows conversations only".into()),
            _ => Err("anything but conversations, embeddings of texts, pictures and speech".into()),
        }
    }
}

impl Backend for Gemini {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let (method, body) = self.method_and_body(request).map_err(|it| Unsupported::new(NAME, it))?;
        let uri = self.service.method(&request.model, "google", method);
        let uri = uri.map_err(|it| Unsupported::new(NAME, it))?;
        Ok(post_json(uri, body, Some("*/*"), &self.headers))
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        let expected = match &request.input {
            Input::Embeddings { texts, .. } => {
                let expected = embeddings::expected_count(texts, &self.extra_params.all);
                return UnstreamedDecoder::without_long_values(move |body, events| {
                    embeddings::read(body, expected, events)
                });
            }
            Input::Images { count, .. } if images::predicts(&request.model) => {
                let expected = images::expected_count(*count, &self.extra_params.all);
                return UnstreamedDecoder::without_long_values(move |body, events| {
                    images::read(body, expected, events)
                });
            }
            Input::Images { .. } => Expected::Picture,
            Input::Speech { .. } => Expected::Sound,
            _ => Expected::Anything,
        };
        if expected == Expected::Picture {
            return UnstreamedDecoder::without_long_values(move |body, events| {
                Reader::expecting(expected).read(body, events)
            });
        }
        let mut reader = Reader::expecting(expected);
        let take = move |_: &[u8], data: &[u8], events: &mut Events<'_>| match stream::is_end_mark(data) {
            // An end mark comes from a gateway. The provider sends none: an answer without its finish reason has not
            // ended.
            true => Ok(Progress::More),
            false => reader.read_event(data, events),
        };
        let stream = ErrorAfterEvents::boxed(StreamDecoder::boxed(take));
        let whole =
            UnstreamedDecoder::boxed(move |body, events| Reader::expecting(expected).read(body, events));
        FramingDecoder::boxed(request, head, stream, whole)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        error::from_response(head, body)
    }
}
