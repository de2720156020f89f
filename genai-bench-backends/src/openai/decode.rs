//! Which decoder reads an answer.

use genai_bench_core::backend::Decoder;
use genai_bench_core::request::{Input, Request};
use http::header::CONTENT_TYPE;

use super::speech::{self, SoundDecoder};
use super::stream::{Api, StreamDecoder};
use super::whole::WholeDecoder;
use super::{ChatApi, Dialect, chunk, embeddings, images, rerank, responses};

/// What the head of a response says of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Events,
    Json,
    Text,
    /// Anything else, or nothing.
    Other,
}

/// A decoder for the answer to `request` in `dialect`.
pub(super) fn decoder(
    request: &Request,
    dialect: &Dialect,
    head: &http::response::Parts,
) -> Box<dyn Decoder> {
    let content = Content::of(head);
    match &request.input {
        Input::Embeddings { texts, images } => {
            let asked = embeddings::asked(texts, images, &dialect.body);
            WholeDecoder::skimming(move |body, events| embeddings::read(body, asked, events))
        }
        Input::Rerank { documents, .. } => {
            let asked = rerank::asked(documents, &dialect.body);
            WholeDecoder::skimming(move |body, events| rerank::read(body, asked, events))
        }
        Input::Images { count, .. } => {
            let asked = images::asked(*count, &dialect.body);
            WholeDecoder::skimming(move |body, events| images::read(body, asked, events))
        }
        Input::Speech { .. } => match content {
            Content::Events => StreamDecoder::boxed(Api::Speech),
            Content::Json | Content::Text => WholeDecoder::boxed(speech::read_error),
            Content::Other => Box::<SoundDecoder>::default(),
        },
        Input::Chat { .. } if dialect.chat_api == ChatApi::Responses => {
            if content.is_streamed(request) {
                StreamDecoder::boxed(Api::Responses { called: false })
            } else {
                WholeDecoder::boxed(responses::read)
            }
        }
        _ if content.is_streamed(request) => StreamDecoder::boxed(Api::Chunks),
        _ => WholeDecoder::boxed(chunk::read),
    }
}

impl Content {
    fn of(head: &http::response::Parts) -> Self {
        let told = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        match told.split(';').next().unwrap_or_default().trim() {
            "text/event-stream" => Self::Events,
            "application/json" => Self::Json,
            it if it.starts_with("text/") => Self::Text,
            _ => Self::Other,
        }
    }

    /// Whether an answer in text comes piece by piece: as was asked, unless the server says otherwise.
    fn is_streamed(self, request: &Request) -> bool {
        match self {
            Self::Events => true,
            Self::Json => false,
            Self::Text | Self::Other => request.stream,
        }
    }
}
