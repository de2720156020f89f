//! Checks of the network path to the server: connections, and buffering of tokens.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::exchange::{ENOUGH_LEFT_OPEN, GRACE};
use crate::metrics::{Metric, RequestMetrics};
use crate::units::Offset;

/// The share of the median TTFT above which the time to connect is material.
const MATERIAL_SHARE_OF_TTFT: f64 = 0.05;
/// The share of bundled events above which gaps are those of bundles.
const MOSTLY_BUNDLED: f64 = 0.5;

/// Checks the time to connect, which is part of the TTFT of a request that opened a connection.
///
/// Each request in flight needs a connection of its own, so up to that number only slow connecting degrades a run. More
/// connections mean that the server does not keep them open.
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
    let are_reused = opened <= u64::from(subject.facts.slots) || opened <= max_in_flight(&metrics.requests);
    let level = if are_reused && !is_material { VerdictLevel::Valid } else { above(share, 0.01, 1.0) };
    let finding = format!(
        "{opened} of {answers} requests ({}) opened a connection, which took {:.2} ms on average: it is in their TTFT",
        percent(share),
        connect.mean * 1e3
    );
    Some((level, finding))
}

/// The share of a slot's time without a request in flight above which the load is below that of the plan.
const MATERIAL_SHARE_OF_TIME: f64 = 0.05;

/// Checks the waits for the end of a body, during which a slot has no request in flight. The connections that such bodies
/// cost are in the check of connections.
pub(super) fn open_bodies(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let (left_open, answers) = (metrics.connections.left_open, metrics.completed);
    if left_open == 0 || answers == 0 {
        return None;
    }
    let are_all = left_open >= answers;
    // If every body stays open, the client waits only for the first ones.
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

/// Returns the maximum number of requests in flight.
fn max_in_flight(requests: &[RequestMetrics]) -> u64 {
    let mut sent: Vec<Offset> = requests.iter().map(RequestMetrics::sent).collect();
    let mut ended: Vec<Offset> = requests.iter().map(RequestMetrics::ended).collect();
    sent.sort_unstable();
    ended.sort_unstable();
    let mut num_ended = 0;
    let mut max = 0;
    for (num_sent, sent) in (1..).zip(sent) {
        num_ended += ended[num_ended..].iter().take_while(|ended| **ended <= sent).count();
        max = max.max(num_sent - num_ended as u64);
    }
    max
}

/// Checks for answers that arrived at once, so that the times of their tokens are unknown.
pub(super) fn bundling(subject: &Subject<'_>) -> Option<Finding> {
    let bundling = subject.metrics.bundling?;
    let answers = above(bundling.answer_share, 0.01, 1.0);
    if answers > VerdictLevel::Valid {
        let finding = format!(
            "{} streamed answers ({}) arrived in one or two reads, and have no TTFT: a proxy or gateway buffers the \
             stream; switch that off (nginx: proxy_buffering off, or the header X-Accel-Buffering: no), or use the \
             server's own address",
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
            "{bundled} of events arrived together with another one: ITL is the time between reads, not between tokens"
        ),
    };
    Some((events, finding))
}
