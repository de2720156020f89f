//! The law for timestamps of events.

use std::time::Duration;

use bytes::Bytes;

use super::super::decode::{decode, meaning};
use super::super::{Cassette, Role, ScriptedTransport};
use super::{COMPLETE, Outcome, Subject, ensure};
use crate::clock::Epoch;
use crate::exchange::{Timeouts, exchange};
use crate::record::RequestRecord;
use crate::target::Target;
use crate::units::Offset;

/// The time between two chunks.
const GAP: Duration = Duration::from_millis(7);
/// The size of a chunk in bytes: a prime, so that boundaries fall on every part of a line.
const CHUNK: usize = 11;

/// The maximum number of bytes that complete an event behind its content: an empty line, with any line ending.
const TERMINATOR: usize = 4;

/// Checks that each timestamp is the arrival of the chunk with the last byte of the event, through the whole exchange
/// on the virtual clock.
pub(super) fn stamps_an_event_when_its_last_byte_arrives(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| COMPLETE.contains(&cassette.role)) {
        let record = play(subject, cassette)?;
        ensure(record.failure.is_none(), || format!("{}: {:?}", cassette.name, record.failure))?;
        let stamps = record
            .arrivals
            .iter()
            .flat_map(|arrival| std::iter::repeat_n(arrival.at, arrival.pieces as usize));
        let stamps: Vec<Offset> = stamps.collect();
        let last_bytes = last_bytes(subject, cassette);
        ensure(stamps.len() == last_bytes.len(), || {
            format!("{}: {} pieces have no stamp", cassette.name, last_bytes.len())
        })?;
        for (number, (stamp, last_byte)) in stamps.iter().zip(last_bytes).enumerate() {
            let terminator = if cassette.role == Role::Unmarked { 0 } else { TERMINATOR };
            let latest = (last_byte + terminator).min(cassette.body.len());
            let allowed = arrival(last_byte)..=arrival(latest);
            ensure(allowed.contains(stamp), || {
                format!(
                    "{}: piece {number} is stamped {stamp:?}, its last byte came at {allowed:?}",
                    cassette.name
                )
            })?;
        }
    }
    Ok(())
}

/// Runs the exchange of a cassette in paced chunks and returns its record.
fn play(subject: &Subject, cassette: &Cassette) -> Result<RequestRecord, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|it| it.to_string())?;
    let chunks = cassette.body.chunks(CHUNK).map(Bytes::from_static);
    let transport = ScriptedTransport::paced(chunks, GAP).with_head(200, cassette.content_type);
    let target = Target::new(subject.backend.clone(), std::sync::Arc::new(transport));
    Ok(runtime.block_on(async {
        let mut record = RequestRecord::default();
        exchange(&target, &cassette.request, Timeouts::default(), Epoch::start(), &mut record).await;
        record
    }))
}

/// Returns the minimum number of bytes of the body that contain each piece of output.
fn last_bytes(subject: &Subject, cassette: &Cassette) -> Vec<usize> {
    if cassette.role == Role::Unmarked {
        // Pieces of an unmarked body are its chunks.
        return (1..=cassette.body.len())
            .filter(|length| length % CHUNK == 0 || *length == cassette.body.len())
            .collect();
    }
    let mut lengths = Vec::new();
    for length in 0..=cassette.body.len() {
        let (record, _) = decode(subject, cassette, &[&cassette.body[..length]]);
        let pieces: usize = meaning(record).1.iter().map(|(_, pieces)| *pieces as usize).sum();
        lengths.resize(lengths.len().max(pieces), length);
    }
    lengths
}

/// Returns the arrival of the chunk that holds the last of `bytes` bytes.
fn arrival(bytes: usize) -> Offset {
    let chunks = bytes.div_ceil(CHUNK);
    Offset::from_duration(GAP * u32::try_from(chunks).unwrap_or(u32::MAX))
}
