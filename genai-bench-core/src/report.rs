//! What came of an experiment: its runs, their metrics, and the reason for an early end.

use std::path::PathBuf;
use std::time::Duration;

use crate::metrics::RunMetrics;
use crate::plan::Run;

mod stop_reason;

pub use stop_reason::{StopCause, StopReason};

/// What came of a plan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Experiment {
    /// Every run that was carried out, in order.
    pub runs: Vec<RunReport>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The reason why later runs were not started, where the runs before showed that they are of no use.
    pub stopped: Option<StopReason>,
}

/// What came of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// Which run it is.
    pub run: Run,
    /// How long it took, to the end of the last request.
    pub elapsed: Duration,
    /// What it tells.
    pub metrics: RunMetrics,
    /// Its result file, when there is a folder and any request finished.
    pub file: Option<PathBuf>,
}
