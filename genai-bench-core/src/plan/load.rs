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
}

impl Load {
    /// The number by which a sweep is read: the concurrency.
    #[must_use]
    pub fn level(self) -> u32 {
        match self {
            Self::Closed { concurrency } => concurrency.get(),
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { concurrency } => write!(f, "concurrency {concurrency}"),
        }
    }
}

/// When a run ends: at whichever comes first. A plan has at least one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// After so many sessions have been started.
    pub sessions: Option<NonZeroU64>,
    /// After so much time.
    pub time: Option<Duration>,
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
