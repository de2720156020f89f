//! Bounds on the numbers of a journal: a damaged line is rejected before metrics are computed from it.

use std::time::Duration;

use super::{JournalEntry, RunEnd, RunHeader};
use crate::metrics::RunFacts;
use crate::record::Usage;
use crate::record::{Arrival, RequestRecord};
use crate::transport::Connection;
use crate::units::{Offset, Tokens};

/// The maximum duration of a run: 400 days.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// The maximum number of tokens or pieces of one request.
const MOST_TOKENS: u64 = 1_000_000_000_000;
/// The maximum number of bytes of one request.
const MOST_BYTES: u64 = 1_000_000_000_000_000;
/// The maximum number of requests in flight.
const MOST_SLOTS: u32 = 10_000_000;
/// The supported version of the journal format.
const VERSION: u32 = 1;

/// Checks that the numbers of a line are plausible for a run.
///
/// # Errors
///
/// A message with the implausible field, its value and its bound.
pub(super) fn check(entry: &JournalEntry) -> Result<(), String> {
    match entry {
        JournalEntry::Run(header) => check_header(header),
        JournalEntry::Request(record) => check_record(record),
        JournalEntry::End(RunEnd { elapsed, facts, .. }) => {
            at_most_longest("elapsed_s", *elapsed)?;
            check_facts(facts)
        }
    }
}

fn check_header(header: &RunHeader) -> Result<(), String> {
    if header.journal_version != VERSION {
        return Err(format!("journal_version is {}: this program reads {VERSION}", header.journal_version));
    }
    check_facts(&header.facts)
}

fn check_facts(facts: &RunFacts) -> Result<(), String> {
    if facts.slots > MOST_SLOTS {
        return Err(format!("slots is {}: {MOST_SLOTS} at most", facts.slots));
    }
    for (name, ratio) in [("warmup_ratio", facts.warmup_ratio), ("cooldown_ratio", facts.cooldown_ratio)] {
        if !(0.0..1.0).contains(&ratio) {
            return Err(format!("{name} is {ratio}: it must be 0 or more and less than 1"));
        }
    }
    if facts.warmup_ratio + facts.cooldown_ratio >= 1.0 {
        return Err("warmup_ratio and cooldown_ratio leave nothing of the run".to_owned());
    }
    times([("ramp_ended", Some(facts.ramp_ended)), ("slot_emptied", facts.slot_emptied)])?;
    tokens([("template", facts.template)])
}

fn check_record(record: &RequestRecord) -> Result<(), String> {
    let first = record.first_attempt.as_ref();
    times([
        ("due", Some(record.due)),
        ("called", Some(record.called)),
        ("sent", Some(record.sent)),
        ("first_attempt.head", first.and_then(|attempt| attempt.head)),
        ("first_attempt.ended", first.map(|attempt| attempt.ended)),
        ("sent_last", record.sent_last),
        ("head", record.head),
        ("arrivals", record.last_output()),
        ("usage_at", record.usage_at),
        ("finished_at", record.finished_at),
        ("ended", Some(record.ended)),
    ])?;
    check_order(record)?;
    check_counts(record)?;
    let server = record.server_time;
    let durations = [server.first_token, server.queue, server.generation, server.total];
    durations.into_iter().flatten().try_for_each(|time| at_most_longest("server_time", time))?;
    match record.connection {
        Some(Connection::New(handshake)) => at_most_longest("connection", handshake.total),
        _ => Ok(()),
    }
}

/// Checks that the times of a request are in order.
fn check_order(record: &RequestRecord) -> Result<(), String> {
    let called = ("called", Some(record.called));
    let ended = ("ended", Some(record.ended));
    for (earlier, later) in [
        (called, ("arrivals", record.first_output())),
        (called, ("head", record.head)),
        (called, ended),
        (("head", record.head), ended),
        (("arrivals", record.last_output()), ended),
        (("usage_at", record.usage_at), ended),
        (("finished_at", record.finished_at), ended),
    ] {
        if let (Some(before), Some(after)) = (earlier.1, later.1)
            && before > after
        {
            return Err(format!(
                "{} is {}, which is before {} at {}",
                later.0,
                after.as_nanos(),
                earlier.0,
                before.as_nanos()
            ));
        }
    }
    Ok(())
}

fn check_counts(record: &RequestRecord) -> Result<(), String> {
    let Usage { input, output, reasoning, cached } = record.usage;
    tokens([
        ("input", record.input),
        ("max_output_tokens", record.max_output_tokens),
        ("usage.input", input),
        ("usage.output", output),
        ("usage.reasoning", reasoning),
        ("usage.cached", cached),
    ])?;
    let pieces = sum(record, |arrival| u64::from(arrival.pieces));
    let in_arrivals = sum(record, |arrival| arrival.tokens.unwrap_or_default().0);
    tokens([("the pieces of arrivals", Some(pieces)), ("the tokens of arrivals", Some(in_arrivals))])?;
    for (name, bytes) in [
        ("body_bytes", record.body_bytes),
        ("audio_bytes", record.audio_bytes),
        ("answer_bytes", record.answer_bytes),
        ("reasoning_bytes", record.reasoning_bytes),
    ] {
        if bytes > MOST_BYTES {
            return Err(format!("{name} is {bytes}: {MOST_BYTES} at most"));
        }
    }
    Ok(())
}

/// Returns the sum of `count` over the arrivals of a request; the maximum if it overflows.
fn sum(record: &RequestRecord, count: fn(&Arrival) -> u64) -> Tokens {
    let sum = record.arrivals.iter().map(count).try_fold(0_u64, u64::checked_add);
    Tokens(sum.unwrap_or(u64::MAX))
}

fn times<const N: usize>(times: [(&str, Option<Offset>); N]) -> Result<(), String> {
    let mut known = times.into_iter().filter_map(|(name, time)| Some((name, time?)));
    known.try_for_each(|(name, time)| at_most_longest(name, Duration::from_nanos(time.as_nanos())))
}

fn at_most_longest(name: &str, time: Duration) -> Result<(), String> {
    if time > LONGEST { Err(format!("{name} is {time:?}: 400 days at most")) } else { Ok(()) }
}

fn tokens<const N: usize>(counts: [(&str, Option<Tokens>); N]) -> Result<(), String> {
    for (name, count) in counts {
        if let Some(count) = count.filter(|count| count.0 > MOST_TOKENS) {
            return Err(format!("{name} is {count}: {MOST_TOKENS} at most"));
        }
    }
    Ok(())
}
