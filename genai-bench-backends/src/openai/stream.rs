//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use serde_json::Value;

use super::{chunk, error, responses, speech};
use crate::wire::sse::{Frame, Sse};

/// Reads a streamed answer.
///
/// It is complete when the server has said why it ends, or `[DONE]`: some servers say only one of the two.
#[derive(Debug)]
pub(super) struct StreamDecoder {
    sse: Sse,
    state: State,
}

/// Whose events a stream is made of.
#[derive(Debug)]
pub(super) enum Api {
    /// Those of chat completions and of completions.
    Chunks,
    /// Those of responses, of which one may have been a piece of a call to a tool.
    Responses {
        /// Whether it was.
        called: bool,
    },
    /// Those of speech.
    Speech,
}

/// How far an answer is after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is to come.
    More,
    /// A reason to end came. Token counts may follow.
    Finished,
    /// Whatever follows is no part of the answer.
    Closed,
}

#[derive(Debug)]
struct State {
    api: Api,
    progress: Progress,
}

impl StreamDecoder {
    /// A decoder of the events of `api`.
    pub(super) fn boxed(api: Api) -> Box<dyn Decoder> {
        Box::new(Self { sse: Sse::default(), state: State { api, progress: Progress::More } })
    }
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
        if state.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

impl State {
    fn take(&mut self, frame: Frame<'_>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.progress == Progress::Closed {
            return Ok(());
        }
        match frame {
            Frame::Comment => events.kept_alive(),
            Frame::Stray => events.skipped(),
            Frame::Event { data: b"[DONE]", .. } => {
                self.progress = Progress::Closed;
                events.finished(FinishReason::Other("[DONE]".to_owned()));
            }
            Frame::Event { name: b"error", data } => {
                self.progress = Progress::Closed;
                let error =
                    serde_json::from_slice(data).unwrap_or_else(|_| String::from_utf8_lossy(data).into());
                let error: &Value = &error;
                events.failed(error::inside(error.get("error").unwrap_or(error)));
            }
            Frame::Event { name, data } => {
                let progress = match &mut self.api {
                    Api::Chunks => chunk::take(data, events),
                    Api::Responses { called } => responses::take(name, data, called, events),
                    Api::Speech => speech::take(name, data, events),
                };
                // The events of a stream are whole: what is missing in one will not come.
                let progress = progress.map_err(|it| match it {
                    DecodeError::Truncated => DecodeError::Malformed("an event that ends too early".into()),
                    other => other,
                })?;
                if progress != Progress::More {
                    self.progress = progress;
                }
            }
        }
        Ok(())
    }
}
