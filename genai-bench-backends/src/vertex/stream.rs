//! Streams of any API here, with errors in them that are no events.
//!
//! When a service fails in the middle of a stream, it may send its error as JSON by itself, over several lines: the
//! google-genai Python SDK 3.4.0 puts such lines together too.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};

use super::error;
use crate::wire::json;

/// How much of the end of a stream may be such an error, in bytes.
const LONGEST_ERROR: usize = 16 << 10;

/// Reads a streamed answer, and the error that may come in place of its end.
pub(super) struct ErrorAfterEvents {
    stream: Box<dyn Decoder>,
    /// The last that came: at least [`LONGEST_ERROR`] of it, if it was as much.
    end: Vec<u8>,
}

impl ErrorAfterEvents {
    /// A decoder for one answer, whose events are read by `stream`.
    pub(super) fn boxed(stream: Box<dyn Decoder>) -> Box<dyn Decoder> {
        Box::new(Self { stream, end: Vec::new() })
    }

    fn keep(&mut self, chunk: &[u8]) {
        self.end.extend_from_slice(last(chunk));
        // Not with every chunk, because what is left has to be moved.
        if self.end.len() > 2 * LONGEST_ERROR {
            self.end.drain(..self.end.len() - LONGEST_ERROR);
        }
    }
}

impl Decoder for ErrorAfterEvents {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.keep(chunk);
        self.stream.decode(chunk, events)
    }

    fn is_complete(&self) -> bool {
        self.stream.is_complete()
    }

    fn buffered_bytes(&self) -> usize {
        self.stream.buffered_bytes() + self.end.len()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { stream, end } = *self;
        match stream.finish(events) {
            Err(DecodeError::Truncated) => {
                events.failed(error_after_events(last(&end)).ok_or(DecodeError::Truncated)?);
                Ok(())
            }
            outcome => outcome,
        }
    }
}

fn last(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len().saturating_sub(LONGEST_ERROR)..]
}

/// The error that follows the last event, if nothing else does.
fn error_after_events(end: &[u8]) -> Option<Failure> {
    let mut after_events = end;
    let mut rest = end;
    while let Some(line) = rest.split_inclusive(|it| *it == b'\n').next() {
        rest = &rest[line.len()..];
        if line.starts_with(b"data:") {
            after_events = rest;
        }
    }
    let json = json::value(after_events).ok()?;
    error::within(&json).map(error::inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::stream::StreamDecoder;

    fn read(end: &str) -> Option<String> {
        error_after_events(end.as_bytes()).map(|it| it.message)
    }

    #[test]
    fn an_error_after_the_last_event_is_found_whatever_its_lines() {
        let error = "{\r\n  \"error\": {\r\n    \"code\": 503,\r\n    \"message\": \"busy\"\r\n  }\r\n}\r\n";
        assert_eq!(read(error).as_deref(), Some("busy"));
        assert_eq!(read(&format!("data: {{}}\r\n\r\n{error}")).as_deref(), Some("busy"));
        assert_eq!(read(&format!("data: {{}}\r\n\r\n[{error}]")).as_deref(), Some("busy"));
        assert_eq!(read(&format!("data: {{}}\n\n{error}data: {{}}\n\n")), None);
        assert_eq!(read(&error[..error.len() - 4]), None);
        assert_eq!((read(""), read("data: {\"error\": {}}")), (None, None));
    }

    #[test]
    fn only_the_end_of_a_stream_is_kept() {
        let mut decoder = ErrorAfterEvents {
            stream: StreamDecoder::boxed(|_, _, _| Err(DecodeError::Truncated)),
            end: vec![],
        };
        for byte in 0..=255 {
            decoder.keep(&[byte; 300]);
            assert!(decoder.end.len() <= 2 * LONGEST_ERROR, "{}", decoder.end.len());
        }
        let expected: Vec<u8> = (0..=255).flat_map(|it| [it; 300]).collect();
        assert_eq!(last(&decoder.end), last(&expected));
        decoder.keep(&[7; 3 * LONGEST_ERROR]);
        assert_eq!(last(&decoder.end), [7; LONGEST_ERROR]);
    }
}
