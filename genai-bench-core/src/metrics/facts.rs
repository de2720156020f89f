//! Facts of a run other than its requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{Offset, Tokens};

/// The facts of a run, other than its requests, that metrics depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The maximum number of requests in flight.
    pub slots: u32,
    /// The share of requests that is left out at the start, from 0 to less than 1.
    pub warmup_ratio: f64,
    /// The share of requests that is left out at the end, from 0 to less than 1.
    pub cooldown_ratio: f64,
    /// The time at which the last slot opened.
    pub ramp_ended: Offset,
    /// The time at which the first slot stayed empty, because the run had reached its limit; `None` when the journal of
    /// the run has no end.
    pub slot_emptied: Option<Offset>,
    /// The number of tokens that the server's chat template adds to the workload's own count of a prompt, if the
    /// preflight measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Tokens>,
    /// `true` if the plan repeats prompts of an earlier run of the experiment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_prompts: bool,
    /// The end of the run: at a limit, or before it.
    #[serde(default, skip_serializing_if = "RunEnding::is_regular")]
    pub ending: RunEnding,
    /// The condition of the client during the run.
    #[serde(default)]
    pub client: ClientHealth,
}

/// The reason for the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunEnding {
    /// A limit was reached.
    #[default]
    Limit,
    /// The run was interrupted before its limits.
    Interrupted,
    /// Too many requests failed before its limits.
    TooManyErrors,
}

impl RunEnding {
    /// Returns `true` if the run reached one of its limits.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        *self == Self::Limit
    }
}

/// The condition of the client during a run: delays that may have disturbed the measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientHealth {
    /// The number of times that a slot waited because the next session was not yet drawn.
    pub sampler_waits: u64,
    /// The total time of these waits, in nanoseconds.
    pub sampler_wait_ns: u64,
    /// The number of heartbeats, which measure the delay of the event loop.
    pub heartbeats: u64,
    /// The number of heartbeats with a delay above [`ClientHealth::LATE`].
    pub late_heartbeats: u64,
    /// The longest delay of a heartbeat, in nanoseconds.
    pub worst_stall_ns: u64,
    /// The number of times that a slot waited because the queue of the recorder was full.
    pub recorder_waits: u64,
    /// The total time of these waits, in nanoseconds.
    pub recorder_wait_ns: u64,
}

impl ClientHealth {
    /// The delay above which a heartbeat counts as late: far more than the millisecond of the timer.
    pub const LATE: Duration = Duration::from_millis(5);
}
