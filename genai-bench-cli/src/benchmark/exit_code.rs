//! The exit code of a benchmark.

use std::process::ExitCode;

use genai_bench_core::plan::Plan;
use genai_bench_core::report::{Experiment, RunReport};

use super::interrupt::StopSignal;
use crate::console;

/// Returns the exit code of an experiment whose results are saved, and prints the reason for a failure to standard error:
/// 130 or 143 if a signal stopped it; 1 if it stopped because further runs were useless, a run had more failures than
/// `plan` allows, or no request was answered.
pub(super) fn exit_code(plan: &Plan, experiment: &Experiment, signal: Option<StopSignal>) -> ExitCode {
    if let Some(signal) = signal {
        return ExitCode::from(signal.exit_code());
    }
    if let Some(reason) = &experiment.stopped {
        console::error(format!(
            "stopped: {reason}\n  (--keep-going starts the remaining runs in spite of this)"
        ));
        return ExitCode::FAILURE;
    }
    if experiment.runs.iter().all(|report| report.metrics.completed == 0) {
        console::error("no request of any run was answered");
        return ExitCode::FAILURE;
    }
    if let Some(report) = experiment.runs.iter().find(|report| fails_too_often(plan, report)) {
        let rate = report.metrics.error_rate().unwrap_or_default() * 100.0;
        console::error(format!(
            "{}: {rate:.1} % of its requests failed, more than --max-error-rate",
            report.run
        ));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Returns `true` if a larger share of the requests of a run failed than `plan` allows.
fn fails_too_often(plan: &Plan, report: &RunReport) -> bool {
    let rates = report.metrics.error_rate().zip(plan.max_error_rate);
    rates.is_some_and(|(rate, highest)| rate > highest)
}
