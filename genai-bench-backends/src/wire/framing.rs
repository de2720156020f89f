//! The framing of text answers, detected from their first byte.
//!
//! Gateways send server-sent events as `application/json` or without a type, and one JSON document as
//! `text/event-stream`. The first byte that is not blank distinguishes them: a document begins with `{` or `[`, which
//! no field of an event stream does.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::Request;
use http::header::CONTENT_TYPE;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The first bytes of the fields and comments of an event stream: `data`, `event`, `id`, `retry` and `:`.
const FIRST_OF_EVENTS: &[u8] = b"deir:";

/// The kind of a body, from its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    /// Server-sent events.
    Events,
    /// JSON.
    Json,
    /// Other text.
    Text,
    /// Another type, or none.
    Other,
}

impl ContentType {
    /// Returns the content type of the response with this head.
    pub(crate) fn from_head(head: &http::response::Parts) -> Self {
        let told = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        match told.split(';').next().unwrap_or_default().trim() {
            "text/event-stream" => Self::Events,
            "application/json" => Self::Json,
            it if it.starts_with("text/") => Self::Text,
            _ => Self::Other,
        }
    }

    /// Returns `true` if a text answer is streamed: as requested, unless the content type says otherwise.
    pub(crate) fn is_streamed(self, request: &Request) -> bool {
        match self {
            Self::Events => true,
            Self::Json => false,
            Self::Text | Self::Other => request.stream,
        }
    }
}

/// A decoder that reads an answer as a stream of events or as one document, depending on its first byte.
pub(crate) struct FramingDecoder {
    /// The framing where the first byte does not decide it.
    is_streamed: bool,
    /// The number of bytes of a byte order mark received so far.
    mark: usize,
    /// The decoder of a stream. Both decoders are present until the first byte, then one of them.
    stream: Option<Box<dyn Decoder>>,
    unstreamed: Option<Box<dyn Decoder>>,
}

impl FramingDecoder {
    /// Creates a decoder of the answer to `request`, which is read by `stream` or by `unstreamed`: depending on its
    /// first byte, or on its `head` where the first byte does not decide.
    pub(crate) fn boxed(
        request: &Request,
        head: &http::response::Parts,
        stream: Box<dyn Decoder>,
        unstreamed: Box<dyn Decoder>,
    ) -> Box<dyn Decoder> {
        let is_streamed = ContentType::from_head(head).is_streamed(request);
        Box::new(Self { is_streamed, mark: 0, stream: Some(stream), unstreamed: Some(unstreamed) })
    }

    /// Returns the index of the first byte in `chunk` that is neither blank nor of a byte order mark.
    fn find_first(&mut self, chunk: &[u8]) -> Option<usize> {
        chunk.iter().position(|byte| {
            let is_of_mark = BYTE_ORDER_MARK.get(self.mark) == Some(byte);
            self.mark += usize::from(is_of_mark);
            !is_of_mark && !byte.is_ascii_whitespace()
        })
    }

    /// Keeps only the decoder of an answer that begins with `first`.
    fn decide(&mut self, first: u8) {
        let is_streamed = match first {
            b'{' | b'[' => false,
            byte if FIRST_OF_EVENTS.contains(&byte) => true,
            _ => self.is_streamed,
        };
        *(if is_streamed { &mut self.unstreamed } else { &mut self.stream }) = None;
    }
}

impl Decoder for FramingDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let mut rest = chunk;
        if self.stream.is_some() && self.unstreamed.is_some() {
            let Some(first) = self.find_first(chunk) else { return Ok(()) };
            self.decide(chunk[first]);
            rest = &chunk[first..];
        }
        match self.stream.as_mut().or(self.unstreamed.as_mut()) {
            Some(decoder) => decoder.decode(rest, events),
            None => Ok(()),
        }
    }

    fn is_complete(&self) -> bool {
        let decided = self.stream.as_ref().xor(self.unstreamed.as_ref());
        decided.is_some_and(|decoder| decoder.is_complete())
    }

    fn buffered_bytes(&self) -> usize {
        let decided = self.stream.as_ref().xor(self.unstreamed.as_ref());
        decided.map_or(0, |decoder| decoder.buffered_bytes())
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { is_streamed, stream, unstreamed, .. } = *self;
        let decoder = if is_streamed { stream.or(unstreamed) } else { unstreamed.or(stream) };
        decoder.map_or(Ok(()), |decoder| decoder.finish(events))
    }
}
