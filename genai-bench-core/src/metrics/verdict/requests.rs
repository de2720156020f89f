//! Checks of how requests and the run ended.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::failure::FailureKind;
use crate::metrics::{RunEnding, RunMetrics};

/// A run that ended before its limits is not the run that was asked for.
pub(super) fn ending(subject: &Subject<'_>) -> Option<Finding> {
    let finished = subject.metrics.finished();
    match subject.facts.ending {
        RunEnding::Interrupted => {
            let finding =
                format!("the run was interrupted: figures are of the {finished} requests until then");
            Some((VerdictLevel::Degraded, finding))
        }
        RunEnding::TooManyErrors => Some((
            VerdictLevel::Invalid,
            format!("ended early after {finished} requests: too many had failed"),
        )),
        RunEnding::Limit => None,
    }
}

pub(super) fn error_rate(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let Some(rate) = metrics.error_rate() else {
        return Some((VerdictLevel::Invalid, "no request finished".to_owned()));
    };
    let kinds: Vec<String> = metrics.failures.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let finding = format!("{} of {} requests failed", metrics.failed, metrics.finished());
    let finding = if kinds.is_empty() { finding } else { format!("{finding}: {}", kinds.join(", ")) };
    Some((above(rate, 0.0, 0.1), finding + &stale_connections(metrics)))
}

/// Returns what to know of requests that met a closed connection: no answer was lost in them.
fn stale_connections(metrics: &RunMetrics) -> String {
    match metrics.failures.get(&FailureKind::StaleConnection) {
        Some(count) => format!(
            "; for {count} of them the server had closed the connection that was kept for the next request, and no \
             answer was lost: with --no-keep-alive every request opens its own, with --retry such a request is sent again"
        ),
        None => String::new(),
    }
}

/// The answers that take longest are those that the end of a run cuts off: without them latencies look better.
pub(super) fn cancelled(subject: &Subject<'_>) -> Option<Finding> {
    let RunMetrics { cancelled, .. } = *subject.metrics;
    if cancelled == 0 || subject.facts.ending != RunEnding::Limit {
        return None;
    }
    let all = subject.metrics.requests.len();
    let share = cancelled as f64 / all as f64;
    let finding = format!(
        "{cancelled} of {all} requests ({}) were still in flight when the drain timeout ended: they are in no \
         latency, only their output is in the throughput",
        percent(share)
    );
    Some((above(share, 0.01, 0.5), finding))
}

/// A time that holds a pause of the client's is not the server's alone.
pub(super) fn retries(subject: &Subject<'_>) -> Option<Finding> {
    let RunMetrics { retried, retries, .. } = *subject.metrics;
    let finding = format!(
        "{retried} of {} requests were sent again, {retries} times together: their times count from the first attempt",
        subject.metrics.requests.len()
    );
    (retried > 0).then_some((VerdictLevel::Degraded, finding))
}
