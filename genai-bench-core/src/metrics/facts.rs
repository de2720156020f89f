//! Facts of a run beside its requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{Offset, Tokens};

/// Facts of a run beside its requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// How many requests could be in flight at a time.
    pub slots: u32,
    /// The share of requests that is left out at the beginning, from 0 to less than 1.
    pub warmup_ratio: f64,
    /// The share of requests that is left out at the end, from 0 to less than 1.
    pub cooldown_ratio: f64,
    /// When the last slot was opened.
    pub ramp_ended: Offset,
    /// When a slot first had nothing more to do, because the run had reached its limit; `None` when that is
    /// not known, because the run was cut off.
    pub slot_emptied: Option<Offset>,
    /// How many tokens the server's chat template adds to a prompt beyond the workload's own count, where the
    /// preflight measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Tokens>,
    /// `true` for a run that sends prompts that an earlier run of the experiment sent, because that was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_prompts: bool,
    /// The end of the run: at a limit, or before it.
    #[serde(default, skip_serializing_if = "RunEnding::is_regular")]
    pub ending: RunEnding,
    /// The condition of the client during the run.
    #[serde(default)]
    pub client: ClientHealth,
}

/// The ending of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunEnding {
    /// At one of its limits.
    #[default]
    Limit,
    /// Before its limits, because it was interrupted.
    Interrupted,
    /// Before its limits, because too many requests had failed.
    TooManyErrors,
}

impl RunEnding {
    /// Returns whether the run reached one of its limits.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        *self == Self::Limit
    }
}

/// The condition of the client during a run: whether it disturbed what it measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientHealth {
    /// How often a slot had to wait because the next session had not been drawn yet.
    pub sampler_waits: u64,
    /// The total time of these waits, in nanoseconds.
    pub sampler_wait_ns: u64,
    /// How often the lateness of the event loop was measured.
    pub heartbeats: u64,
    /// How often it was late by more than [`ClientHealth::LATE`].
    pub late_heartbeats: u64,
    /// The largest lateness, in nanoseconds.
    pub worst_stall_ns: u64,
    /// How often a slot waited because finished requests could not be written as fast as they came.
    pub recorder_waits: u64,
    /// The total time of these waits, in nanoseconds.
    pub recorder_wait_ns: u64,
}

impl ClientHealth {
    /// The lateness above which a heartbeat counts as late: far more than the millisecond of the timer.
    pub const LATE: Duration = Duration::from_millis(5);
}
