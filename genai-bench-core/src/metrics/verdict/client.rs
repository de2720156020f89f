//! Checks of the client: delays that disturb the measurements.

use std::time::Duration;

use super::{Finding, Subject, above, percent};
use crate::metrics::{ClientHealth, Metric};

/// Checks the send lag as a share of the TTFT, because a late request has the effect of a slow server.
pub(super) fn send_lag(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let lag = metrics.distribution(Metric::SendLag)?.p99;
    let reference = metrics.distribution(Metric::Ttft).or(metrics.distribution(Metric::E2eLatency))?.p50;
    let finding = format!("p99 {:.3} ms from due to sent, median TTFT {:.1} ms", lag * 1e3, reference * 1e3);
    // Less than a millisecond is the resolution of the timer.
    let share = if lag < 0.001 { 0.0 } else { lag / reference };
    Some((above(share, 0.05, 0.25), finding))
}

/// Checks the waits of slots for the next session.
pub(super) fn sampler_starvation(subject: &Subject<'_>) -> Option<Finding> {
    let ClientHealth { sampler_waits, sampler_wait_ns, .. } = subject.facts.client;
    let requests = subject.metrics.requests.len() as u64;
    if requests == 0 {
        return None;
    }
    let waited = Duration::from_nanos(sampler_wait_ns);
    let share = sampler_waits as f64 / requests as f64;
    let finding = format!("{sampler_waits} of {requests} requests waited to be drawn, {waited:.1?} in total");
    Some((above(share, 0.01, 0.2), finding))
}

/// Checks the delay of the event loop, which is the error of time stamps.
pub(super) fn event_loop(subject: &Subject<'_>) -> Option<Finding> {
    let ClientHealth { heartbeats, late_heartbeats, worst_stall_ns, .. } = subject.facts.client;
    if heartbeats == 0 {
        return None;
    }
    let worst = Duration::from_nanos(worst_stall_ns);
    let share = late_heartbeats as f64 / heartbeats as f64;
    let late = ClientHealth::LATE;
    let finding = format!("{} of heartbeats late by more than {late:?}, {worst:.1?} at most", percent(share));
    Some((above(share, 0.01, 0.1), finding))
}

/// Checks the waits of slots for the recorder, during which the load is below that of the plan.
pub(super) fn recorder(subject: &Subject<'_>) -> Option<Finding> {
    let ClientHealth { recorder_waits, recorder_wait_ns, .. } = subject.facts.client;
    if recorder_waits == 0 {
        return None;
    }
    let requests = subject.metrics.requests.len();
    let waited = Duration::from_nanos(recorder_wait_ns);
    let share = recorder_waits as f64 / requests.max(1) as f64;
    let finding = format!(
        "{recorder_waits} of {requests} requests waited until their record could be written, {waited:.1?} in total: \
         the disk is too slow, or the client is overloaded"
    );
    Some((above(share, 0.001, 0.2), finding))
}
