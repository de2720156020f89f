//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use serde_json::Value;

use super::chunk::WireChunk;
use super::error;
use crate::wire::sse::{Frame, Sse, TooLong};

/// Reads a streamed answer.
///
/// It is complete when the server has said why it ends, or `[DONE]`: some servers say only one of the two.
#[derive(Debug, Default)]
pub(super) struct StreamDecoder {
    sse: Sse,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct State {
    /// `[DONE]` or an error came: whatever follows is no part of the answer.
    closed: bool,
    /// A reason to end came.
    finished: bool,
}

impl Decoder for StreamDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, state } = self;
        sse.feed(chunk, |frame| state.take(frame, events))
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, mut state } = *self;
        // What the end cut off in the middle is not malformed but missing.
        sse.finish(|frame| state.take(frame, events)).map_err(|_: DecodeError| DecodeError::Truncated)?;
        if state.closed || state.finished { Ok(()) } else { Err(DecodeError::Truncated) }
    }
}

impl State {
    fn take(&mut self, frame: Frame<'_>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.closed {
            return Ok(());
        }
        match frame {
            Frame::Comment => events.kept_alive(),
            Frame::Stray => events.skipped(),
            Frame::Event { data: b"[DONE]", .. } => {
                self.closed = true;
                events.finished(FinishReason::Other("[DONE]".to_owned()));
            }
            Frame::Event { name: b"error", data } => {
                self.closed = true;
                let error =
                    serde_json::from_slice(data).unwrap_or_else(|_| String::from_utf8_lossy(data).into());
                let error: &Value = &error;
                events.failed(error::inside(error.get("error").unwrap_or(error)));
            }
            Frame::Event { data, .. } => {
                let chunk: WireChunk<'_> = serde_json::from_slice(data)
                    .map_err(|it| DecodeError::Malformed(it.to_string().into()))?;
                self.closed = chunk.is_error();
                self.finished |= chunk.is_last();
                chunk.tell(events);
            }
        }
        Ok(())
    }
}

impl From<TooLong> for DecodeError {
    fn from(error: TooLong) -> Self {
        Self::Malformed(error.to_string().into())
    }
}
