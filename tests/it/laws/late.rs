//! Decoders that report output later than it arrived.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;

/// A decoder that decodes each chunk when the next one arrives.
pub(super) struct Late {
    pub(super) inner: Box<dyn Decoder>,
    pub(super) held: Vec<u8>,
}

impl Decoder for Late {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let held = std::mem::replace(&mut self.held, chunk.to_vec());
        self.inner.decode(&held, events)
    }

    fn finish(mut self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.decode(&self.held, events)?;
        self.inner.finish(events)
    }
}

/// A decoder that buffers the whole body.
pub(super) struct Hoarder {
    pub(super) inner: Box<dyn Decoder>,
    pub(super) held: Vec<u8>,
}

impl Decoder for Hoarder {
    fn decode(&mut self, chunk: &[u8], _: &mut Events<'_>) -> Result<(), DecodeError> {
        self.held.extend_from_slice(chunk);
        Ok(())
    }

    fn finish(mut self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.decode(&self.held, events)?;
        self.inner.finish(events)
    }
}
