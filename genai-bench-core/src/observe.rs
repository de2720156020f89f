//! Observers of a running experiment.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::failure::FailureKind;
use crate::plan::Run;
use crate::record::RequestRecord;
use crate::report::RunReport;

/// A receiver of the events of an experiment. Every method has an empty default.
///
/// Methods are called on the thread that writes the journal, never on the thread that stamps bytes.
///
/// ```
/// use genai_bench_core::observe::{Observer, Progress};
/// use genai_bench_core::record::RequestRecord;
///
/// struct Log;
///
/// impl Observer for Log {
///     fn request_ended(&mut self, record: &RequestRecord) {
///         if let Some(failure) = &record.failure {
///             eprintln!("request {} failed: {failure}", record.index);
///         }
///     }
///
///     fn progress(&mut self, progress: &Progress) {
///         eprintln!("{} completed, {} failed", progress.completed, progress.failed);
///     }
/// }
/// # fn boxed(log: Log) -> Box<dyn Observer> { Box::new(log) }
/// ```
pub trait Observer: Send + 'static {
    /// Reports the start of a run.
    fn run_began(&mut self, run: &Run) {
        let _ = run;
    }

    /// Reports a request that has ended: answered, failed or cancelled. Called for every request, in the order in which
    /// they end, after the record has been written to the journal. Credentials have been removed from its texts.
    ///
    /// A slow observer holds up the recorder, and then the load: the verdict of the run says so.
    fn request_ended(&mut self, record: &RequestRecord) {
        let _ = record;
    }

    /// Reports the state of a run, at most ten times a second.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// Reports the end of a run, with its metrics.
    fn run_ended(&mut self, report: &RunReport) {
        let _ = report;
    }
}

/// The observer that ignores everything.
impl Observer for () {}

#[deny(clippy::missing_trait_methods)]
impl<O: Observer + ?Sized> Observer for Box<O> {
    fn run_began(&mut self, run: &Run) {
        (**self).run_began(run);
    }

    fn request_ended(&mut self, record: &RequestRecord) {
        (**self).request_ended(record);
    }

    fn progress(&mut self, progress: &Progress) {
        (**self).progress(progress);
    }

    fn run_ended(&mut self, report: &RunReport) {
        (**self).run_ended(report);
    }
}

/// The state of a run.
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
    /// The maximum number of requests of the run.
    pub request_limit: Option<u64>,
    /// The maximum time for which the run sends requests.
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
