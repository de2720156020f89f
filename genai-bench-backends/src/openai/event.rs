//! The end of streams, for all APIs of the family.

use std::borrow::Cow;

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;

pub(super) use crate::wire::stream::Progress;
use crate::wire::stream::StreamDecoder;
use crate::wire::{error, json, stream, top_level_error};

/// Returns the name of an event: that of the stream, else that in its data.
pub(super) fn name<'a>(name: &'a [u8], said: &'a str) -> Cow<'a, str> {
    if name.is_empty() { Cow::Borrowed(said) } else { String::from_utf8_lossy(name) }
}

/// Reads an unknown event: a bare error, or an event to skip.
pub(super) fn unknown(data: &[u8], events: &mut Events<'_>) -> Progress {
    match top_level_error::read(data) {
        Some(failure) => {
            events.failed(failure);
            Progress::Closed
        }
        None => {
            events.skipped();
            Progress::More
        }
    }
}

/// Creates a decoder whose events are read by `take`, except those that all APIs of the family share.
///
/// An answer is complete when a finish reason or `[DONE]` has arrived: some servers send only one of the two.
pub(super) fn decoder(
    take: impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
) -> Box<dyn Decoder> {
    StreamDecoder::boxed(reading(take))
}

pub(super) fn reading(
    mut take: impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
) -> impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    move |name, data, events| {
        if stream::is_end_mark(data) {
            events.done();
            return Ok(Progress::Closed);
        }
        if name != b"error" {
            return take(name, data, events);
        }
        let error = json::value(data).unwrap_or_else(|_| String::from_utf8_lossy(data).into());
        let inner = error.get("error").filter(|error| error::is_error(error));
        events.failed(error::from_value(inner.unwrap_or(&error)));
        Ok(Progress::Closed)
    }
}
