//! Bundled output: output that a proxy, a gateway or the network buffered and delivered at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::{Arrival, OutputKind, RequestRecord};
use crate::units::{Offset, Tokens};

/// The gap below which two time stamps belong to one read: the time stamps of one read are some microseconds apart when
/// each event is an HTTP chunk of its own, and no server generates tokens that fast.
pub(super) const SAME_READ: Duration = Duration::from_micros(50);

/// The minimum number of tokens of a bundled answer that arrived in one read. A server may send fewer together.
const MIN_TOKENS_IN_ONE_READ: u64 = 4;
/// The minimum number of tokens of a bundled answer that arrived in two reads.
const MIN_TOKENS_IN_TWO_READS: u64 = 8;

/// The amount of output that arrived together with other output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bundling {
    /// The number of streamed answers whose output arrived in one or two reads. They have no TTFT.
    pub answers: u64,
    /// The share of `answers` in all streamed answers, from 0 to 1.
    pub answer_share: f64,
    /// The share of output events that arrived in one read with another event, from 0 to 1.
    pub event_share: f64,
}

/// The output of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The time stamp of the first event.
    pub(super) at: Offset,
    /// The number of output events.
    pub(super) events: u64,
}

/// Returns the reads of an answer: arrivals that belong to one read are joined.
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

/// Returns `true` if a streamed answer with this many visible tokens arrived in one or two reads, so that the times of
/// its tokens are unknown.
pub(super) fn is_bundled(record: &RequestRecord, visible: Option<Tokens>) -> bool {
    if record.unstreamed || !record.has_tokens() || has_three_reads(&record.arrivals) {
        return false;
    }
    !is_name_alone(record) && are_a_bundle(&reads(&record.arrivals), visible)
}

/// Returns `true` if all output is one piece of one tool call: a name, which servers send in one event with all of its
/// tokens. There is no further output that could have been buffered with it.
pub(super) fn is_name_alone(record: &RequestRecord) -> bool {
    matches!(&*record.arrivals, [Arrival { kind: OutputKind::ToolCall, pieces: 1, .. }])
}

/// Returns `true` if a streamed answer with this many visible tokens and these reads is bundled.
pub(super) fn are_a_bundle(reads: &[Read], visible: Option<Tokens>) -> bool {
    let events: u64 = reads.iter().map(|read| read.events).sum();
    let tokens = visible.map_or(events, |tokens| tokens.0.max(events));
    match reads.len() {
        1 => tokens >= MIN_TOKENS_IN_ONE_READ,
        2 => tokens >= MIN_TOKENS_IN_TWO_READS,
        _ => false,
    }
}

/// Returns `true` if there are at least three reads. In most streams the first arrivals decide this.
fn has_three_reads(arrivals: &[Arrival]) -> bool {
    arrivals
        .windows(2)
        .filter(|pair| pair[1].at.since(pair[0].at).is_some_and(|gap| gap >= SAME_READ))
        .nth(1)
        .is_some()
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
    fn time_stamps_some_microseconds_apart_are_one_read() {
        let reads: Vec<(u64, u64)> = reads(&record(&[100, 110, 149, 5_000, 5_060]).arrivals)
            .iter()
            .map(|read| (read.at.as_nanos() / 1_000, read.events))
            .collect();
        assert_eq!(reads, [(100, 3), (5_000, 1), (5_060, 1)]);
    }

    #[test]
    fn an_answer_in_one_or_two_reads_is_bundled() {
        assert!(is_bundled(&record(&[0, 1, 2, 3, 4, 5, 6, 7]), Some(Tokens(8))));
        assert!(is_bundled(&record(&[0]), Some(Tokens(200))), "one event with the whole text");
        assert!(is_bundled(&record(&[0, 900]), Some(Tokens(8))));
        assert!(!is_bundled(&record(&[0, 900]), Some(Tokens(4))), "two steps of speculative decoding");
        assert!(!is_bundled(&record(&[0, 900, 1_800]), Some(Tokens(200))));
        assert!(!is_bundled(&record(&[0]), Some(Tokens(1))));
        let mut call = RequestRecord::default();
        Events::new(Offset::from_nanos(0), &mut call).tool_call("get_weather_forecast");
        assert!(!is_bundled(&call, Some(Tokens(8))), "a name without arguments");
        Events::new(Offset::from_nanos(0), &mut call).tool_call("{}");
        assert!(is_bundled(&call, Some(Tokens(8))), "a whole call at once");
        let whole = RequestRecord { unstreamed: true, ..record(&[0]) };
        assert!(!is_bundled(&whole, Some(Tokens(200))), "a stream was not requested");
    }
}
