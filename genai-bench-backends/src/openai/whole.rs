//! Answers in one piece.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;

use super::chunk::WireChunk;
use crate::wire::sse::{LONGEST, TooLong};

/// Reads an answer that comes in one piece, when all of it is there.
#[derive(Debug, Default)]
pub(super) struct WholeDecoder(Vec<u8>);

impl Decoder for WholeDecoder {
    fn decode(&mut self, chunk: &[u8], _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.0.len() + chunk.len() > LONGEST {
            return Err(TooLong.into());
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let answer: WireChunk<'_> = serde_json::from_slice(&self.0).map_err(|error| {
            if error.is_eof() {
                DecodeError::Truncated
            } else {
                DecodeError::Malformed(error.to_string().into())
            }
        })?;
        if !answer.is_error() && !answer.has_choices() {
            return Err(DecodeError::Malformed("no choices in the answer".into()));
        }
        events.whole();
        answer.tell(events);
        Ok(())
    }
}
