//! When an event is stamped.

use std::time::Duration;

use bytes::Bytes;

use super::super::decode::{decode, meaning};
use super::super::{Cassette, Scripted};
use super::{COMPLETE, Outcome, Subject, ensure};
use crate::clock::Epoch;
use crate::exchange::{Patience, exchange};
use crate::target::Target;
use crate::trace::Trace;
use crate::units::Offset;

/// The time between two chunks.
const GAP: Duration = Duration::from_millis(7);
/// How much of the body a chunk has: a prime, so that it meets every part of a line.
const CHUNK: usize = 11;

/// Each stamp is the arrival of the first chunk after which the event could be known: on the virtual clock,
/// through the whole exchange.
pub(super) fn stamps_an_event_when_its_last_byte_arrives(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|it| COMPLETE.contains(&it.role)) {
        let trace = play(subject, cassette)?;
        ensure(trace.failure.is_none(), || format!("{}: {:?}", cassette.name, trace.failure))?;
        let expected = earliest_stamps(subject, cassette);
        let stamps: Vec<(Offset, u32)> = trace.arrivals.iter().map(|it| (it.at, it.pieces)).collect();
        ensure(stamps == expected, || {
            format!("{}: stamped {stamps:?} instead of {expected:?}", cassette.name)
        })?;
    }
    Ok(())
}

fn play(subject: &Subject, cassette: &Cassette) -> Result<Trace, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|it| it.to_string())?;
    let chunks = cassette.body.chunks(CHUNK).map(Bytes::from_static);
    let transport = Scripted::paced(chunks, GAP).with_head(200, cassette.content_type);
    let target = Target::new(subject.backend.clone(), std::sync::Arc::new(transport));
    Ok(runtime.block_on(async {
        let mut trace = Trace::default();
        exchange(&target, &cassette.request, Patience::default(), Epoch::start(), &mut trace).await;
        trace
    }))
}

/// When each piece of output could be known at the earliest: how much more output each further chunk spells.
fn earliest_stamps(subject: &Subject, cassette: &Cassette) -> Vec<(Offset, u32)> {
    let chunks: Vec<&[u8]> = cassette.body.chunks(CHUNK).collect();
    let spelled = |count: usize| {
        let (trace, _) = decode(subject, cassette, &chunks[..count]);
        meaning(trace).1
    };
    let mut stamps = Vec::new();
    let mut before = Vec::new();
    for count in 1..=chunks.len() {
        let now = spelled(count);
        // A chunk adds to the last kind of output that was there, or brings new ones.
        for (index, (_, pieces)) in now.iter().enumerate().skip(before.len().saturating_sub(1)) {
            let had = before.get(index).map_or(0, |(_, had): &(_, u32)| *had);
            if *pieces > had {
                stamps.push((stamp(count), pieces - had));
            }
        }
        before = now;
    }
    // A whole body may be readable only at its end.
    let (trace, _) = decode(subject, cassette, &chunks);
    if stamps.is_empty() {
        stamps.extend(trace.arrivals.iter().map(|it| (stamp(chunks.len()), it.pieces)));
    }
    stamps
}

fn stamp(chunks: usize) -> Offset {
    Offset::from_duration(GAP * u32::try_from(chunks).unwrap_or(u32::MAX))
}
