//! Runs a decoder over a body, cut as one likes.

use crate::backend::Decoder;
use crate::event::Events;
use crate::failure::DecodeError;
use crate::trace::{OutputKind, Trace};
use crate::units::Offset;

use super::{Cassette, Subject};

/// The head of a good response to `cassette`.
pub(super) fn head(cassette: &Cassette) -> http::response::Parts {
    let response =
        http::Response::builder().header(http::header::CONTENT_TYPE, cassette.content_type).body(());
    response.expect("a content type of a cassette is a valid header").into_parts().0
}

/// What a decoder makes of `chunks`; the stamp of each event is the number of its chunk, from 1.
pub(super) fn decode(
    subject: &Subject,
    cassette: &Cassette,
    chunks: &[&[u8]],
) -> (Trace, Result<(), DecodeError>) {
    decode_chunks(subject.backend.decoder(&cassette.request, &head(cassette)), chunks)
}

/// Decodes a body that comes as `chunks`, and returns what was read and whether it is complete. The stamp of each
/// event is the number of its chunk, from 1.
pub fn decode_chunks(mut decoder: Box<dyn Decoder>, chunks: &[&[u8]]) -> (Trace, Result<(), DecodeError>) {
    let mut trace = Trace::default();
    for (number, chunk) in (1..).zip(chunks) {
        let mut events = Events::arriving(Offset::from_nanos(number), &mut trace);
        if let Err(error) = decoder.decode(chunk, &mut events) {
            return (trace, Err(error));
        }
        if trace.failure.is_some() {
            return (trace, Ok(()));
        }
    }
    let last = Offset::from_nanos(chunks.len() as u64 + 1);
    let outcome = decoder.finish(&mut Events::arriving(last, &mut trace));
    (trace, outcome)
}

/// A trace without what depends on where chunks end: what is left must not.
pub(super) fn meaning(mut trace: Trace) -> (Trace, Vec<(OutputKind, u32)>) {
    let mut output: Vec<(OutputKind, u32)> = Vec::new();
    for arrival in std::mem::take(&mut trace.arrivals) {
        match output.last_mut() {
            Some((kind, pieces)) if *kind == arrival.kind => *pieces += arrival.pieces,
            _ => output.push((arrival.kind, arrival.pieces)),
        }
    }
    (trace.usage_at, trace.finished_at) = (None, None);
    trace.credited = crate::units::Tokens::default();
    (trace, output)
}
