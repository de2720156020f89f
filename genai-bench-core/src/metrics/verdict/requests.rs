//! Checks of the outcomes of requests and the end of the run.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::failure::FailureKind;
use crate::metrics::{RunEnding, RunMetrics};

/// Checks that the run reached one of its limits.
pub(super) fn ending(subject: &Subject<'_>) -> Option<Finding> {
    let finished = subject.metrics.finished();
    match subject.facts.ending {
        RunEnding::Interrupted => {
            let finding =
                format!("the run was interrupted: metrics are over the {finished} requests until then");
            Some((VerdictLevel::Degraded, finding))
        }
        RunEnding::TooManyErrors => Some((
            VerdictLevel::Invalid,
            format!("the run ended early after {finished} requests: too many failed"),
        )),
        RunEnding::Limit => None,
    }
}

/// Checks the share of failed requests.
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

/// Returns the part of a finding on requests that were sent on a closed connection. No answer was lost in these.
fn stale_connections(metrics: &RunMetrics) -> String {
    match metrics.failures.get(&FailureKind::StaleConnection) {
        Some(count) => format!(
            "; {count} of them were sent on an idle connection that the server had closed, and no answer was lost: with \
             --no-keep-alive every request opens a connection of its own, with --retry such a request is sent again"
        ),
        None => String::new(),
    }
}

/// Checks the share of requests that the end of the run cancelled: these are the longest, and latencies without them are
/// too low.
pub(super) fn cancelled(subject: &Subject<'_>) -> Option<Finding> {
    let RunMetrics { cancelled, .. } = *subject.metrics;
    if cancelled == 0 || subject.facts.ending != RunEnding::Limit {
        return None;
    }
    let all = subject.metrics.requests.len();
    let share = cancelled as f64 / all as f64;
    let finding = format!(
        "{cancelled} of {all} requests ({}) were still in flight when the drain timeout ended: latencies do not include \
         them, throughput includes their output",
        percent(share)
    );
    Some((above(share, 0.01, 0.5), finding))
}

/// Checks for requests that were sent again: their times include pauses of the client.
pub(super) fn retries(subject: &Subject<'_>) -> Option<Finding> {
    let RunMetrics { retried, retries, .. } = *subject.metrics;
    let finding = format!(
        "{retried} of {} requests were sent again, {retries} times in total: their times count from the first attempt",
        subject.metrics.requests.len()
    );
    (retried > 0).then_some((VerdictLevel::Degraded, finding))
}
