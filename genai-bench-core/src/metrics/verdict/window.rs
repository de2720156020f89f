//! Checks of the window: its length and its number of answers.

use super::{Finding, Subject, VerdictLevel};
use crate::metrics::{Metric, WindowBasis};

/// The minimum number of answers for percentiles.
const MIN_ANSWERS: u64 = 30;
/// The minimum length of a window in mean answers, so that the effect of its edges is small.
const MIN_ANSWER_LENGTHS: f64 = 10.0;

/// Checks the number of answers in the window.
pub(super) fn sample_size(subject: &Subject<'_>) -> Option<Finding> {
    let finding = match (subject.metrics.answered_in_window, subject.metrics.completed) {
        (_, 0) => (VerdictLevel::Invalid, "no request was answered".to_owned()),
        (0, all) => (VerdictLevel::Invalid, format!("none of the {all} answered requests is in the window")),
        (answers, _) if answers < MIN_ANSWERS => {
            (VerdictLevel::Degraded, format!("{answers} answers are too few for percentiles"))
        }
        (answers, _) if answers < 100 => {
            (VerdictLevel::Valid, format!("{answers} answers: the p99 is close to the slowest one"))
        }
        (answers, _) => (VerdictLevel::Valid, format!("{answers} answers")),
    };
    Some(finding)
}

/// Checks that the window is the time in which all slots were open.
pub(super) fn steady_state(subject: &Subject<'_>) -> Option<Finding> {
    let window = &subject.metrics.window;
    let slots = subject.facts.slots;
    Some(match window.basis {
        WindowBasis::AllSlotsOpen => {
            (VerdictLevel::Valid, format!("all {slots} slots were open for {:.2?}", window.duration()))
        }
        WindowBasis::WholeRun => (
            VerdictLevel::Degraded,
            format!(
                "fewer than {slots} requests were sent and answered while all slots were open: metrics are over the whole run"
            ),
        ),
    })
}

/// Checks the length of the window: requests at its edges count in part in rates, and not at all in latencies.
pub(super) fn window_length(subject: &Subject<'_>) -> Option<Finding> {
    let answer = subject.metrics.distribution(Metric::E2eLatency)?.mean;
    let window = subject.metrics.window.duration().as_secs_f64();
    if answer <= 0.0 {
        return None;
    }
    let lengths = window / answer;
    let level = if lengths < MIN_ANSWER_LENGTHS { VerdictLevel::Degraded } else { VerdictLevel::Valid };
    Some((
        level,
        format!("the window of {window:.2} s is {lengths:.1} times as long as a mean answer ({answer:.3} s)"),
    ))
}
