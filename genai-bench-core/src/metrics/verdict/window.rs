//! Checks of the window: whether it holds enough of the load that was asked for.

use super::{Finding, Subject, VerdictLevel};
use crate::metrics::{Metric, WindowBasis};

/// The fewest answers of which percentiles say something.
const FEWEST_ANSWERS: u64 = 30;
/// The fewest lengths of an answer that a window has to have, so that its edges matter little.
const FEWEST_ANSWER_LENGTHS: f64 = 10.0;

pub(super) fn sample_size(subject: &Subject<'_>) -> Option<Finding> {
    let finding = match (subject.metrics.answered_in_window, subject.metrics.completed) {
        (_, 0) => (VerdictLevel::Invalid, "no request was answered".to_owned()),
        (0, all) => {
            (VerdictLevel::Invalid, format!("none of the {all} answered requests lies in the window"))
        }
        (few, _) if few < FEWEST_ANSWERS => {
            (VerdictLevel::Degraded, format!("{few} answers are too few for percentiles"))
        }
        (some, _) if some < 100 => {
            (VerdictLevel::Valid, format!("{some} answers: the p99 is the slowest or nearly so"))
        }
        (enough, _) => (VerdictLevel::Valid, format!("{enough} answers")),
    };
    Some(finding)
}

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
                "fewer than {slots} requests were sent and answered while all slots were open: figures are of the whole run"
            ),
        ),
    })
}

/// Requests at the edges of a short window are in its rates by a share only, and in its latencies not at all.
pub(super) fn window_length(subject: &Subject<'_>) -> Option<Finding> {
    let answer = subject.metrics.distribution(Metric::E2eLatency)?.mean;
    let window = subject.metrics.window.duration().as_secs_f64();
    if answer <= 0.0 {
        return None;
    }
    let lengths = window / answer;
    let level = if lengths < FEWEST_ANSWER_LENGTHS { VerdictLevel::Degraded } else { VerdictLevel::Valid };
    Some((
        level,
        format!("the window of {window:.2} s is {lengths:.1} times as long as a mean answer ({answer:.3} s)"),
    ))
}
