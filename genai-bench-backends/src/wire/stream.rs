//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;

use super::sse::{Frame, Sse};
use super::{marks, whole};

/// Reads an answer that comes as server-sent events.
///
/// It is complete when one of them has said so: what an event means is a function of its name, which is empty
/// where it has none, and of its data.
pub(crate) struct StreamDecoder<F> {
    sse: Sse,
    state: State<F>,
}

/// How far an answer is after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// As far as it was.
    More,
    /// A reason to end came. Token counts may follow.
    Finished,
    /// Whatever follows is no part of the answer.
    Closed,
}

struct State<F> {
    take: F,
    /// Reads the data of an event behind the end of the answer.
    take_trailer: fn(&[u8], &mut Events<'_>),
    progress: Progress,
}

impl<F> StreamDecoder<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
{
    /// A decoder whose events are read by `take`, by name and data.
    pub(crate) fn boxed(take: F) -> Box<dyn Decoder> {
        Self::with_trailer(take, |_, _| ())
    }

    /// Creates the same for an API whose servers send token counts behind the end of the answer, which are read by
    /// `take_trailer`.
    pub(crate) fn with_trailer(take: F, take_trailer: fn(&[u8], &mut Events<'_>)) -> Box<dyn Decoder> {
        let state = State { take, take_trailer, progress: Progress::More };
        Box::new(Self { sse: Sse::default(), state })
    }
}

impl<F> Decoder for StreamDecoder<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, state } = self;
        sse.feed(chunk, |frame| state.take(frame, events))
    }

    fn is_complete(&self) -> bool {
        self.state.progress == Progress::Closed
    }

    fn buffered_bytes(&self) -> usize {
        self.sse.buffered_bytes()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, mut state } = *self;
        // What the end cut off in the middle is not malformed but missing.
        sse.finish(|frame| state.take(frame, events)).map_err(|_: DecodeError| DecodeError::Truncated)?;
        if state.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

impl<F> State<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError>,
{
    fn take(&mut self, frame: Frame<'_>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.progress == Progress::Closed {
            if let Frame::Event { data, .. } = frame {
                (self.take_trailer)(data, events);
            }
            return Ok(());
        }
        match frame {
            Frame::Comment => events.kept_alive(),
            Frame::Stray => events.skipped(),
            Frame::Event { name, data } if marks::is_heartbeat(name, data) => events.kept_alive(),
            Frame::Event { name, data } => {
                let progress = (self.take)(name, data, events).map_err(whole::expected_all)?;
                if progress != Progress::More {
                    self.progress = progress;
                }
            }
        }
        Ok(())
    }
}
