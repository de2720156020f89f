//! The log of the runs of an experiment.

use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::plan::Run;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::report::RunReport;
use tracing::{debug, info, warn};

/// An observer that logs the begin and the end of each run, and forwards all calls to another observer. Like every observer
/// it is called by the thread that writes the journal, never by the one that stamps bytes.
pub(crate) struct RunLog {
    inner: Box<dyn Observer>,
}

impl RunLog {
    /// Creates an observer that forwards to `inner`.
    pub(crate) fn new(inner: Box<dyn Observer>) -> Self {
        Self { inner }
    }
}

impl Observer for RunLog {
    fn run_began(&mut self, run: &Run) {
        info!("run {} begins: {run}", run.number + 1);
        self.inner.run_began(run);
    }

    fn request_ended(&mut self, record: &RequestRecord) {
        self.inner.request_ended(record);
    }

    fn progress(&mut self, progress: &Progress) {
        debug!("{:.1?}: {} done, {} failed", progress.elapsed, progress.completed, progress.failed);
        self.inner.progress(progress);
    }

    fn run_ended(&mut self, report: &RunReport) {
        let (run, metrics) = (&report.run, &report.metrics);
        let (number, completed, failed) = (run.number + 1, metrics.completed, metrics.failed);
        info!("run {number} ended after {:.1?}: {completed} done, {failed} failed", report.elapsed);
        for (kind, count) in &metrics.failures {
            warn!("run {number}: {count} requests failed with {kind}");
        }
        for check in metrics.verdict.reservations() {
            warn!("run {number}: {}: {}", check.name, check.finding);
        }
        if let Some(file) = &report.file {
            info!("run {number}: result in {}", file.display());
        }
        self.inner.run_ended(report);
    }
}
