//! Answers in text, whose framing is known by their first byte.
//!
//! Gateways send server-sent events as `application/json` or without a type, and one JSON document as
//! `text/event-stream`. The first byte that is not blank tells them apart: a document begins with `{` or `[`, which no
//! field of an event stream does.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::Request;

use super::content::Content;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The first bytes of the fields and comments of an event stream: `data`, `event`, `id`, `retry` and `:`.
const FIRST_OF_EVENTS: &[u8] = b"deir:";

/// Reads an answer as a stream of events or as one document, whichever it turns out to be.
pub(crate) struct FramingDecoder {
    /// How the answer is read where its first byte does not tell.
    is_streamed: bool,
    /// The number of bytes of a byte order mark that have come.
    mark: usize,
    /// Both until the first byte has come, then one of them.
    stream: Option<Box<dyn Decoder>>,
    whole: Option<Box<dyn Decoder>>,
}

impl FramingDecoder {
    /// Creates a decoder of the answer to `request` that is read by `stream` or by `whole`: by its first byte, or as
    /// its `head` says where that does not tell.
    pub(crate) fn boxed(
        request: &Request,
        head: &http::response::Parts,
        stream: Box<dyn Decoder>,
        whole: Box<dyn Decoder>,
    ) -> Box<dyn Decoder> {
        let is_streamed = Content::of(head).is_streamed(request);
        Box::new(Self { is_streamed, mark: 0, stream: Some(stream), whole: Some(whole) })
    }

    /// Returns the index of the first byte in `chunk` that is neither blank nor of a byte order mark.
    fn find_first(&mut self, chunk: &[u8]) -> Option<usize> {
        chunk.iter().position(|byte| {
            let is_of_mark = BYTE_ORDER_MARK.get(self.mark) == Some(byte);
            self.mark += usize::from(is_of_mark);
            !is_of_mark && !byte.is_ascii_whitespace()
        })
    }

    /// Keeps the decoder of an answer that begins with `first`.
    fn decide(&mut self, first: u8) {
        let is_streamed = match first {
            b'{' | b'[' => false,
            byte if FIRST_OF_EVENTS.contains(&byte) => true,
            _ => self.is_streamed,
        };
        *(if is_streamed { &mut self.whole } else { &mut self.stream }) = None;
    }
}

impl Decoder for FramingDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let mut rest = chunk;
        if self.stream.is_some() && self.whole.is_some() {
            let Some(first) = self.find_first(chunk) else { return Ok(()) };
            self.decide(chunk[first]);
            rest = &chunk[first..];
        }
        match self.stream.as_mut().or(self.whole.as_mut()) {
            Some(decoder) => decoder.decode(rest, events),
            None => Ok(()),
        }
    }

    fn is_complete(&self) -> bool {
        let decided = self.stream.as_ref().xor(self.whole.as_ref());
        decided.is_some_and(|decoder| decoder.is_complete())
    }

    fn buffered_bytes(&self) -> usize {
        let decided = self.stream.as_ref().xor(self.whole.as_ref());
        decided.map_or(0, |decoder| decoder.buffered_bytes())
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { is_streamed, stream, whole, .. } = *self;
        let decoder = if is_streamed { stream.or(whole) } else { whole.or(stream) };
        decoder.map_or(Ok(()), |decoder| decoder.finish(events))
    }
}
