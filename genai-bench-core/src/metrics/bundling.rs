//! Output that arrived together: what a proxy, a gateway or the network held back and handed over at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::{Arrival, OutputKind, RequestRecord};
use crate::units::{Offset, Tokens};

/// The gap below which two stamps belong to one read: events of one read get stamps some microseconds apart
/// when each is an HTTP chunk of its own, and no server makes tokens so fast.
pub(super) const SAME_READ: Duration = Duration::from_micros(50);

/// The fewest tokens of an answer in one read that no server would send together.
const FEWEST_IN_ONE_READ: u64 = 4;
/// The fewest tokens of an answer in two reads that no server would send so.
const FEWEST_IN_TWO_READS: u64 = 8;

/// The output that arrived together with other output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bundling {
    /// Answers of which all output arrived in one or two reads although it was streamed. They have no TTFT of
    /// their own.
    pub answers: u64,
    /// The share of streamed answers that these are, from 0 to 1.
    pub answer_share: f64,
    /// The share of events of output that arrived in one read with another one, from 0 to 1.
    pub event_share: f64,
}

/// The output of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// When its first event was stamped.
    pub(super) at: Offset,
    /// How many events of output it brought.
    pub(super) events: u64,
}

/// Joins the arrivals that belong to one read.
pub(super) fn reads(arrivals: &[Arrival]) -> Vec<Read> {
    let mut reads: Vec<Read> = Vec::with_capacity(arrivals.len());
    let mut last = None;
    for arrival in arrivals {
        let events = u64::from(arrival.pieces);
        let gap = last.and_then(|last| arrival.at.since(last));
        last = Some(arrival.at);
        match reads.last_mut() {
            Some(read) if gap.is_none_or(|gap| gap < SAME_READ) => read.events += events,
            _ => reads.push(Read { at: arrival.at, events }),
        }
    }
    reads
}

/// Returns whether all output of a streamed answer with so many tokens arrived in one or two reads, which hide when its
/// tokens were made.
pub(super) fn is_bundled(record: &RequestRecord, visible: Option<Tokens>) -> bool {
    if record.unstreamed || !record.has_tokens() || has_three_reads(&record.arrivals) {
        return false;
    }
    !is_name_alone(record) && are_a_bundle(&reads(&record.arrivals), visible)
}

/// Returns whether all output is one piece of one call to a tool: a name, which servers send in one event with all of
/// its tokens. Nothing more was generated that could have been held back with it.
pub(super) fn is_name_alone(record: &RequestRecord) -> bool {
    matches!(&*record.arrivals, [Arrival { kind: OutputKind::ToolCall, pieces: 1, .. }])
}

/// Returns whether the reads of a streamed answer with so many tokens hide when its tokens were made.
pub(super) fn are_a_bundle(reads: &[Read], visible: Option<Tokens>) -> bool {
    let events: u64 = reads.iter().map(|read| read.events).sum();
    let tokens = visible.map_or(events, |tokens| tokens.0.max(events));
    match reads.len() {
        1 => tokens >= FEWEST_IN_ONE_READ,
        2 => tokens >= FEWEST_IN_TWO_READS,
        _ => false,
    }
}

/// Returns whether there are three reads among the first arrivals, as in most streams: then the rest need not be looked at.
fn has_three_reads(arrivals: &[Arrival]) -> bool {
    let is_apart = |pair: &[Arrival]| pair[1].at.since(pair[0].at).is_some_and(|gap| gap >= SAME_READ);
    arrivals.windows(2).filter(|pair| is_apart(pair)).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;

    fn record(arrivals_us: &[u64]) -> RequestRecord {
        let mut record = RequestRecord::default();
        for at in arrivals_us {
            Events::new(Offset::from_nanos(at * 1_000), &mut record).text("x");
        }
        record
    }

    #[test]
    fn stamps_some_microseconds_apart_are_one_read() {
        let reads: Vec<(u64, u64)> = reads(&record(&[100, 110, 149, 5_000, 5_060]).arrivals)
            .iter()
            .map(|read| (read.at.as_nanos() / 1_000, read.events))
            .collect();
        assert_eq!(reads, [(100, 3), (5_000, 1), (5_060, 1)]);
    }

    #[test]
    fn an_answer_in_one_or_two_reads_is_bundled() {
        let tokens = |count| Some(Tokens(count));
        assert!(is_bundled(&record(&[0, 1, 2, 3, 4, 5, 6, 7]), tokens(8)));
        assert!(is_bundled(&record(&[0]), tokens(200)), "one event with the whole text");
        assert!(is_bundled(&record(&[0, 900]), tokens(8)));
        assert!(!is_bundled(&record(&[0, 900]), tokens(4)), "two steps of speculative decoding");
        assert!(!is_bundled(&record(&[0, 900, 1_800]), tokens(200)));
        assert!(!is_bundled(&record(&[0]), tokens(1)));
        let mut call = RequestRecord::default();
        Events::new(Offset::from_nanos(0), &mut call).tool_call("get_weather_forecast");
        assert!(!is_bundled(&call, tokens(8)), "a name without arguments");
        Events::new(Offset::from_nanos(0), &mut call).tool_call("{}");
        assert!(is_bundled(&call, tokens(8)), "a whole call at once");
        let whole = RequestRecord { unstreamed: true, ..record(&[0]) };
        assert!(!is_bundled(&whole, tokens(200)), "nobody asked for a stream");
    }
}
