//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;

use super::event;
use crate::wire::eventstream::{EventStream, Message};
use crate::wire::stream::Progress;

/// Reads a streamed answer.
///
/// It is complete when the model has said why it ends, and the stream ends where a message does.
#[derive(Debug)]
pub(super) struct StreamDecoder {
    stream: EventStream,
    progress: Progress,
}

impl StreamDecoder {
    /// A decoder of a stream that has not begun.
    pub(super) fn boxed() -> Box<dyn Decoder> {
        Box::new(Self { stream: EventStream::default(), progress: Progress::More })
    }
}

impl Decoder for StreamDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { stream, progress } = self;
        stream.feed(chunk, |message: Message<'_>| {
            if *progress != Progress::Closed {
                let further = event::take(message, events)?;
                if further != Progress::More {
                    *progress = further;
                }
            }
            Ok(())
        })
    }

    fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
        self.stream.finish()?;
        if self.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}
