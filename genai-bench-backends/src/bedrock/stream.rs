//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;

use super::error;
use crate::wire::eventstream::{EventStream, Message};
use crate::wire::stream::{self, Progress};

/// Reads a streamed answer, whose events are read by `F`, by kind and payload. Errors are the same in all streams.
///
/// It is complete when the model has said why it ends, and the stream ends where a message does.
#[derive(Debug)]
pub(super) struct StreamDecoder<F> {
    stream: EventStream,
    take: F,
    progress: Progress,
}

impl<F> StreamDecoder<F>
where
    F: FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
{
    /// A decoder of a stream that has not begun.
    pub(super) fn boxed(take: F) -> Box<dyn Decoder> {
        Box::new(Self { stream: EventStream::default(), take, progress: Progress::More })
    }
}

impl<F> Decoder for StreamDecoder<F>
where
    F: FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { stream, take, progress } = self;
        stream.feed(chunk, |message: Message<'_>| {
            if *progress != Progress::Closed {
                let further = read(message, take, events)?;
                if further != Progress::More {
                    *progress = further;
                }
            }
            Ok(())
        })
    }

    fn is_complete(&self) -> bool {
        self.progress == Progress::Closed
    }

    fn buffered_bytes(&self) -> usize {
        self.stream.buffered_bytes()
    }

    fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
        self.stream.finish()?;
        if self.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

/// Reads one message.
fn read(
    message: Message<'_>,
    take: &mut impl FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError>,
    events: &mut Events<'_>,
) -> Result<Progress, DecodeError> {
    let kind = |name| message.text(name).unwrap_or_default();
    match kind(":message-type") {
        // A payload is whole: what is missing in it will not come.
        "event" => {
            take(kind(":event-type"), message.payload(), events).map_err(stream::truncated_as_malformed)
        }
        "exception" => {
            events.failed(error::exception(kind(":exception-type"), message.payload()));
            Ok(Progress::Closed)
        }
        "error" => {
            events.failed(error::inside(message.text(":error-code"), message.text(":error-message")));
            Ok(Progress::Closed)
        }
        _ => {
            events.skipped();
            Ok(Progress::More)
        }
    }
}
