//! Which decoder reads an answer.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Input, Request};

use super::content::Content;
use super::speech::{self, SoundDecoder};
use super::whole::{self, WholeDecoder};
use super::{ChatApi, Dialect, chunk, embeddings, images, ranking, rerank, responses, stream};
use crate::wire::bare_error;
use crate::wire::sniff::FramingDecoder;

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
            WholeDecoder::skimming(or_refused(move |body, events| embeddings::read(body, asked, events)))
        }
        Input::Rerank { documents, .. } => {
            let asked = ranking::asked(documents, &dialect.body);
            WholeDecoder::skimming(or_refused(move |body, events| rerank::read(body, asked, events)))
        }
        Input::Images { count, .. } => {
            let asked = images::asked(*count, &dialect.body);
            let whole =
                WholeDecoder::skimming(or_refused(move |body, events| images::read(body, asked, events)));
            if content == Content::Events {
                let stream = stream::decoder(images::events::reader(asked));
                return FramingDecoder::boxed(request, head, stream, whole);
            }
            whole
        }
        Input::Speech { .. } => match content {
            Content::Events => stream::decoder(speech::take),
            Content::Json | Content::Text => WholeDecoder::boxed(speech::read_error),
            Content::Other => Box::<SoundDecoder>::default(),
        },
        Input::Chat { .. } if dialect.chat_api == ChatApi::Responses => {
            let whole = WholeDecoder::boxed(or_refused(responses::read));
            FramingDecoder::boxed(request, head, responses::stream(), whole)
        }
        _ => {
            let whole = WholeDecoder::boxed(or_refused(chunk::read));
            FramingDecoder::boxed(request, head, stream::chunks(), whole)
        }
    }
}

/// Reads an answer in one piece by `read`, or the error that stands bare in its place.
fn or_refused(
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    whole::or_refused(bare_error::read, read)
}
