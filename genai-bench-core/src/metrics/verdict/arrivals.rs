//! Checks of the way to the server and back: connections, and whatever holds tokens back.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::exchange::{ENOUGH_LEFT_OPEN, GRACE};
use crate::metrics::{Metric, RequestMetrics};
use crate::units::Offset;

/// The share of the median TTFT above which connecting matters.
const MATERIAL_SHARE_OF_TTFT: f64 = 0.05;
/// The share of events in bundles above which gaps are those of bundles.
const MOSTLY_BUNDLED: f64 = 0.5;

/// The time to connect is in the TTFT of a request that opened a connection.
///
/// Each request in flight at a time has to have one, so that many connections count only where connecting takes long;
/// more of them mean that connections are not kept.
pub(super) fn connections(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let (opened, answers) = (metrics.connections.opened_in_window, metrics.answered_in_window);
    let connect = metrics.distribution(Metric::ConnectTime)?;
    if opened == 0 || answers == 0 {
        return None;
    }
    let share = opened as f64 / answers as f64;
    let reference = metrics.distribution(Metric::Ttft).or(metrics.distribution(Metric::E2eLatency));
    let is_material =
        reference.is_some_and(|reference| connect.mean > MATERIAL_SHARE_OF_TTFT * reference.p50);
    let are_kept = opened <= u64::from(subject.facts.slots) || opened <= most_in_flight(&metrics.requests);
    let level = if are_kept && !is_material { VerdictLevel::Valid } else { above(share, 0.01, 1.0) };
    let finding = format!(
        "{opened} of {answers} requests ({}) opened a connection, which took {:.2} ms on average: it is in their TTFT",
        percent(share),
        connect.mean * 1e3
    );
    Some((level, finding))
}

/// The share of a slot's time without a request in flight above which the load is not the one that was asked for.
const MATERIAL_SHARE_OF_TIME: f64 = 0.05;

/// A body that stays open after its answer costs the slot a wait without a request in flight. What the connection for the
/// next request costs is in the check of connections.
pub(super) fn open_bodies(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let (left_open, answers) = (metrics.connections.left_open, metrics.completed);
    if left_open == 0 || answers == 0 {
        return None;
    }
    let are_all = left_open >= answers;
    // Where every body stays open, only the end of the first ones is waited for.
    let awaited =
        if are_all { left_open.min(ENOUGH_LEFT_OPEN + u64::from(subject.facts.slots)) } else { left_open };
    let share = (awaited as f64 / answers as f64).min(1.0);
    let latency = metrics.distribution(Metric::E2eLatency).map_or(0.0, |latency| latency.p50);
    let grace = GRACE.as_secs_f64();
    let idle = share * grace / (latency + grace);
    let finding = format!(
        "{left_open} of {answers} answers left their body open after their end: each cost a connection, and {awaited} of \
         them a pause of {} ms before the next request",
        GRACE.as_millis()
    );
    Some((above(idle, MATERIAL_SHARE_OF_TIME, 1.0), finding))
}

/// Returns how many requests were in flight at a time at most.
fn most_in_flight(requests: &[RequestMetrics]) -> u64 {
    let mut sent: Vec<Offset> = requests.iter().map(RequestMetrics::sent).collect();
    let mut ended: Vec<Offset> = requests.iter().map(RequestMetrics::ended).collect();
    sent.sort_unstable();
    ended.sort_unstable();
    let mut over = 0;
    let mut most = 0;
    for (number, sent) in (1..).zip(sent) {
        over += ended[over..].iter().take_while(|ended| **ended <= sent).count();
        most = most.max(number - over as u64);
    }
    most
}

/// An answer that was handed over at once hides when its tokens were made.
pub(super) fn bundling(subject: &Subject<'_>) -> Option<Finding> {
    let bundling = subject.metrics.bundling?;
    let answers = above(bundling.answer_share, 0.01, 1.0);
    if answers > VerdictLevel::Valid {
        let finding = format!(
            "{} streamed answers ({}) arrived in one or two reads, and have no TTFT: a proxy or gateway on the way \
             buffers the stream; switch that off (nginx: proxy_buffering off, or the header X-Accel-Buffering: no), \
             or ask the server itself",
            bundling.answers,
            percent(bundling.answer_share)
        );
        return Some((answers, finding));
    }
    let events = above(bundling.event_share, MOSTLY_BUNDLED, 1.0);
    let bundled = percent(bundling.event_share);
    let finding = match events {
        VerdictLevel::Valid => format!("{bundled} of events arrived together with another one"),
        _ => format!(
            "{bundled} of events arrived together with another one: ITL is the time between reads, not tokens"
        ),
    };
    Some((events, finding))
}
