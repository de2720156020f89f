//! Reports of experiments: their runs with metrics, and the reason for an early end.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::metrics::{Distribution, RunMetrics};
use crate::plan::Run;

mod stop_reason;

pub use stop_reason::{StopCause, StopReason};

/// The report of an experiment. Its `Display` is a line for each run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Experiment {
    /// Every run that was started, in order.
    pub runs: Vec<RunReport>,
    /// `true` if the experiment was ended from outside.
    pub interrupted: bool,
    /// The reason why later runs were not started, where the runs before showed that they are of no use.
    pub stopped: Option<StopReason>,
}

/// The report of a run. Its `Display` is one line: the median and the 99th percentile of TTFT, the median of TPOT,
/// throughput, counts and the verdict.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RunReport {
    /// The run.
    #[serde(serialize_with = "serialize_run")]
    pub run: Run,
    /// The time to the end of the last request; in seconds when serialized.
    #[serde(rename = "elapsed_s", serialize_with = "serialize_seconds")]
    pub elapsed: Duration,
    /// The metrics.
    pub metrics: RunMetrics,
    /// The result file, if there is a folder and any request finished.
    pub file: Option<PathBuf>,
}

fn serialize_run<S: Serializer>(run: &Run, to: S) -> Result<S::Ok, S::Error> {
    let mut fields = to.serialize_struct("Run", 3)?;
    fields.serialize_field("number", &run.number)?;
    fields.serialize_field("scenario", &run.scenario_text)?;
    fields.serialize_field("level", &run.level)?;
    fields.end()
}

fn serialize_seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metrics = &self.metrics;
        write!(f, "{}: ", self.run)?;
        if let Some(Distribution { p50, p99, .. }) = metrics.ttft() {
            write!(f, "TTFT p50 {:.1} ms, p99 {:.1} ms; ", p50 * 1e3, p99 * 1e3)?;
        }
        if let Some(tpot) = metrics.tpot() {
            write!(f, "TPOT p50 {:.2} ms; ", tpot.p50 * 1e3)?;
        }
        if let Some(latency) = metrics.e2e_latency() {
            write!(f, "E2E p50 {:.1} ms; ", latency.p50 * 1e3)?;
        }
        if let Some(rate) = metrics.output_tokens_per_s {
            write!(f, "{rate:.0} output tokens/s; ")?;
        }
        if let Some(rate) = metrics.requests_per_s {
            write!(f, "{rate:.2} requests/s; ")?;
        }
        let (completed, failed, level) = (metrics.completed, metrics.failed, metrics.verdict.level);
        write!(f, "{completed} completed, {failed} failed; {level}")
    }
}

impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in &self.runs {
            writeln!(f, "{run}")?;
        }
        self.stopped.as_ref().map_or(Ok(()), |reason| writeln!(f, "{reason}"))
    }
}
