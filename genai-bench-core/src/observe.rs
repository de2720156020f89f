//! Watching an experiment while it runs.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::failure::FailureKind;
use crate::plan::Run;
use crate::report::RunReport;

/// Is told how an experiment goes. Every method has an empty default.
///
/// It is called from the thread that writes the journal, at most ten times a second: never from the one that
/// stamps bytes.
///
/// ```
/// use genai_bench_core::observe::{Observer, Progress};
///
/// struct Ticker;
///
/// impl Observer for Ticker {
///     fn progress(&mut self, progress: &Progress) {
///         eprintln!("{} done, {} failed", progress.completed, progress.failed);
///     }
/// }
/// # fn boxed(it: Ticker) -> Box<dyn Observer> { Box::new(it) }
/// ```
pub trait Observer: Send + 'static {
    /// A run is about to begin.
    fn run_began(&mut self, run: &Run) {
        let _ = run;
    }

    /// This is where the run stands.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// A run has ended.
    fn run_ended(&mut self, report: &RunReport) {
        let _ = report;
    }
}

/// Looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Time since the run began.
    pub elapsed: Duration,
    /// Requests that were answered in full.
    pub completed: u64,
    /// Requests that failed.
    pub failed: u64,
    /// The number of these failures by kind.
    pub failures: BTreeMap<FailureKind, u64>,
    /// The number of requests that the end of the run cut off.
    pub cancelled: u64,
    /// The number of requests in flight.
    pub in_flight: u64,
    /// Time since anything of any answer arrived; zero while no request is in flight.
    pub silent_for: Duration,
    /// Output tokens a second over the last few seconds: the pieces of output that arrived, times the tokens that a
    /// piece has in answers whose tokens the server counted. Absent before there is such an answer.
    pub output_tokens_per_s: Option<f64>,
    /// Answers a second, over the last few seconds.
    pub requests_per_s: f64,
    /// Median time to first token so far.
    pub ttft_p50: Option<Duration>,
    /// How many requests the run sends at most.
    pub request_limit: Option<u64>,
    /// How long the run sends at most.
    pub time_limit: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observer_is_an_object_that_can_move() {
        fn movable<T: Send + ?Sized>() {}
        movable::<Box<dyn Observer>>();
    }
}
