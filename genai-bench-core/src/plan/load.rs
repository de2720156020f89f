//! What is put on a server, and for how long.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::Rate;

/// What is put on a server.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Load {
    /// So many sessions at a time: when one ends, the next one starts.
    Closed {
        /// How many.
        concurrency: NonZeroU32,
    },
    /// Each session starts when its workload says, whatever the server does.
    Replay {
        /// How many sessions are in flight at most. One that has to wait for this is late, and its send lag
        /// says by how much.
        at_most: NonZeroU32,
    },
}

impl Load {
    /// How many sessions are in flight at most.
    #[must_use]
    pub fn slots(self) -> NonZeroU32 {
        match self {
            Self::Closed { concurrency: slots } | Self::Replay { at_most: slots } => slots,
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { concurrency } => write!(f, "concurrency {concurrency}"),
            Self::Replay { at_most } => write!(f, "recorded times, at most {at_most} in flight"),
        }
    }
}

/// When a run ends: at whichever comes first. A plan has at least one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// After so many requests have been sent.
    pub requests: Option<NonZeroU64>,
    /// After so many sessions have been started.
    pub sessions: Option<NonZeroU64>,
    /// After so much time.
    pub time: Option<Duration>,
}

impl Limit {
    /// How many sessions can be started at most: each sends a request at least.
    #[must_use]
    pub fn most_sessions(self) -> Option<NonZeroU64> {
        self.requests.into_iter().chain(self.sessions).min()
    }
}

/// How a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ramp {
    /// How many slots are opened a second; all at once when `None`.
    pub spawn_rate: Option<Rate>,
}

impl Ramp {
    /// When slot `number` (from 0) opens, from the start of the run.
    ///
    /// ```
    /// # use genai_bench_core::plan::Ramp;
    /// # use genai_bench_core::units::Rate;
    /// let ramp = Ramp { spawn_rate: Rate::per_second(10.0) };
    /// assert_eq!(ramp.opens(5).as_millis(), 500);
    /// assert_eq!(Ramp::default().opens(5).as_millis(), 0);
    /// ```
    #[must_use]
    pub fn opens(self, number: u32) -> Duration {
        let after = |rate: Rate| Duration::try_from_secs_f64(f64::from(number) / rate.as_per_second());
        self.spawn_rate.map_or(Duration::ZERO, |rate| after(rate).unwrap_or(Duration::MAX))
    }
}
