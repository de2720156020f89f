//! The choice of a decoder.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Input, Request};

use super::speech::{self, SoundDecoder};
use super::{ChatApi, Dialect, chunk, embeddings, event, images, rerank, responses};
use crate::wire::framing::{ContentType, FramingDecoder};
use crate::wire::unstreamed::{self, UnstreamedDecoder};
use crate::wire::{items, top_level_error};

/// Returns a decoder of the answer to `request` in `dialect`.
pub(super) fn decoder(
    request: &Request,
    dialect: &Dialect,
    head: &http::response::Parts,
) -> Box<dyn Decoder> {
    let content = ContentType::from_head(head);
    match &request.input {
        Input::Embeddings { texts, images } => {
            let expected = embeddings::expected_count(texts, images, &dialect.body);
            UnstreamedDecoder::without_long_values(or_refused(move |body, events| {
                embeddings::read(body, expected, events)
            }))
        }
        Input::Rerank { documents, .. } => {
            let expected = items::expected_documents(documents, &dialect.body);
            UnstreamedDecoder::without_long_values(or_refused(move |body, events| {
                rerank::read(body, expected, events)
            }))
        }
        Input::Images { count, .. } => {
            let expected = images::expected_count(*count, &dialect.body);
            let whole = UnstreamedDecoder::without_long_values(or_refused(move |body, events| {
                images::read(body, expected, events)
            }));
            if content == ContentType::Events {
                let stream = event::decoder(images::event_reader(expected));
                return FramingDecoder::boxed(request, head, stream, whole);
            }
            whole
        }
        Input::Speech { .. } => match content {
            ContentType::Events => event::decoder(speech::read_event),
            ContentType::Json | ContentType::Text => UnstreamedDecoder::boxed(speech::read_error),
            ContentType::Other => Box::<SoundDecoder>::default(),
        },
        Input::Chat { .. } if dialect.chat_api == ChatApi::Responses => {
            let whole = UnstreamedDecoder::boxed(or_refused(responses::read));
            FramingDecoder::boxed(request, head, responses::stream(), whole)
        }
        _ => {
            let whole = UnstreamedDecoder::boxed(or_refused(chunk::read));
            FramingDecoder::boxed(request, head, chunk::stream(), whole)
        }
    }
}

/// Reads an unstreamed answer with `read`, or the bare error in its place.
fn or_refused(
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    unstreamed::check_error_last(top_level_error::read, read)
}
