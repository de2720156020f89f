//! Unstreamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};

use super::long_values::LongValueFilter;
use super::sse::{LONGEST, TooLong};

/// A decoder that reads an answer once all of it has arrived.
pub(crate) struct UnstreamedDecoder<F> {
    body: Vec<u8>,
    filter: Option<LongValueFilter>,
    read: F,
}

impl<F> UnstreamedDecoder<F>
where
    F: FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
{
    /// Creates a decoder whose body is read by `read`.
    pub(crate) fn boxed(read: F) -> Box<dyn Decoder> {
        Box::new(Self { body: Vec::new(), filter: None, read })
    }

    /// Creates a decoder that removes long values before they are buffered, for a body of which only the outline is
    /// read.
    pub(crate) fn without_long_values(read: F) -> Box<dyn Decoder> {
        Box::new(Self { body: Vec::new(), filter: Some(LongValueFilter::default()), read })
    }
}

impl<F> Decoder for UnstreamedDecoder<F>
where
    F: FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.body.len() + chunk.len() > LONGEST {
            return Err(TooLong.into());
        }
        match &mut self.filter {
            Some(filter) => filter.feed(chunk, &mut self.body),
            None => self.body.extend_from_slice(chunk),
        }
        Ok(())
    }

    fn buffered_bytes(&self) -> usize {
        self.body.len()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { body, read, .. } = *self;
        read(&body, events)?;
        events.unstreamed();
        Ok(())
    }
}

/// Reads an answer with `read`, unless `read_error` finds an error, which then is all that is reported.
pub(crate) fn check_error_first(
    read_error: fn(&[u8]) -> Option<Failure>,
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    move |body, events| match read_error(body) {
        Some(failure) => {
            events.failed(failure);
            Ok(())
        }
        None => read(body, events),
    }
}

/// Reads an answer with `read`. Where that finds no answer, the error that `read_error` finds is reported as the
/// reason.
pub(crate) fn check_error_last(
    read_error: fn(&[u8]) -> Option<Failure>,
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    move |body, events| {
        read(body, events).or_else(|error| {
            events.failed(read_error(body).ok_or(error)?);
            Ok(())
        })
    }
}
