//! Decoding of a body in given chunks.

use crate::backend::Decoder;
use crate::backend::Events;
use crate::failure::DecodeError;
use crate::record::{OutputKind, RequestRecord};
use crate::units::Offset;

use super::{Cassette, Subject};

/// Builds the head of a successful response to `cassette`.
pub(super) fn head(cassette: &Cassette) -> http::response::Parts {
    let response =
        http::Response::builder().header(http::header::CONTENT_TYPE, cassette.content_type).body(());
    response.expect("a content type of a cassette is a valid header").into_parts().0
}

/// Decodes `chunks` as the body of `cassette`. The timestamp of each event is the number of its chunk, from 1.
pub(super) fn decode(
    subject: &Subject,
    cassette: &Cassette,
    chunks: &[&[u8]],
) -> (RequestRecord, Result<(), DecodeError>) {
    decode_chunks(subject.backend.decoder(&cassette.request, &head(cassette)), chunks)
}

/// Decodes a body in the given chunks, and returns its record and the result of the decoder. The timestamp of each
/// event is the number of its chunk, from 1.
pub fn decode_chunks(
    mut decoder: Box<dyn Decoder>,
    chunks: &[&[u8]],
) -> (RequestRecord, Result<(), DecodeError>) {
    let mut record = RequestRecord::default();
    for (number, chunk) in (1..).zip(chunks) {
        let mut events = Events::new(Offset::from_nanos(number), &mut record);
        if let Err(error) = decoder.decode(chunk, &mut events) {
            return (record, Err(error));
        }
        if record.failure.is_some() {
            return (record, Ok(()));
        }
    }
    let last = Offset::from_nanos(chunks.len() as u64 + 1);
    let outcome = decoder.finish(&mut Events::new(last, &mut record));
    (record, outcome)
}

/// Returns a record and its output without the parts that depend on chunk boundaries.
pub(super) fn meaning(mut record: RequestRecord) -> (RequestRecord, Vec<(OutputKind, u32)>) {
    let mut output: Vec<(OutputKind, u32)> = Vec::new();
    for arrival in std::mem::take(&mut record.arrivals) {
        match output.last_mut() {
            Some((kind, pieces)) if *kind == arrival.kind => *pieces += arrival.pieces,
            _ => output.push((arrival.kind, arrival.pieces)),
        }
    }
    (record.usage_at, record.finished_at) = (None, None);
    record.credited = crate::units::Tokens::default();
    (record, output)
}
