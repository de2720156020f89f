//! A decoder that declares answers complete too early.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;

/// A decoder that declares an answer complete with its first byte.
pub(super) struct Hasty {
    pub(super) inner: Box<dyn Decoder>,
    pub(super) has_begun: bool,
}

impl Decoder for Hasty {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.has_begun = true;
        self.inner.decode(chunk, events)
    }

    fn is_complete(&self) -> bool {
        self.has_begun
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.finish(events)
    }
}
