//! Loads of a server, limits of a run, and the ramp-up.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::Rate;

/// The load that a run puts on a server.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Load {
    /// A fixed number of sessions in flight: when one ends, the next one starts.
    Closed {
        /// The number of sessions in flight.
        concurrency: NonZeroU32,
    },
    /// Sessions that start at the recorded times of the workload, independent of the server.
    Replay {
        /// The maximum number of sessions in flight. A session that waits for a free slot is late; the delay is in
        /// its send lag.
        #[serde(rename = "at_most")]
        max_in_flight: NonZeroU32,
    },
}

impl Load {
    /// Returns the maximum number of sessions in flight.
    #[must_use]
    pub fn slots(self) -> NonZeroU32 {
        match self {
            Self::Closed { concurrency: slots } | Self::Replay { max_in_flight: slots } => slots,
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { concurrency } => write!(f, "concurrency {concurrency}"),
            Self::Replay { max_in_flight } => write!(f, "recorded times, at most {max_in_flight} in flight"),
        }
    }
}

/// The limits of a run, which ends at the first that is reached. A closed loop has at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// The maximum number of requests sent.
    pub requests: Option<NonZeroU64>,
    /// The maximum number of sessions started.
    pub sessions: Option<NonZeroU64>,
    /// The maximum time for which requests are sent.
    pub time: Option<Duration>,
}

impl Limit {
    /// Returns the maximum number of sessions that can start: each sends at least one request.
    #[must_use]
    pub fn max_sessions(self) -> Option<NonZeroU64> {
        self.requests.into_iter().chain(self.sessions).min()
    }
}

/// The ramp-up of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ramp {
    /// The number of slots that are opened per second; all at once when `None`.
    pub spawn_rate: Option<Rate>,
}

impl Ramp {
    /// Returns the time from the start of the run at which slot `number` (from 0) opens.
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
        let Some(rate) = self.spawn_rate else { return Duration::ZERO };
        Duration::try_from_secs_f64(f64::from(number) / rate.as_per_second()).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serialized_form_of_a_replay_has_the_field_at_most() {
        let load = Load::Replay { max_in_flight: NonZeroU32::MIN };
        let json = serde_json::json!({"replay": {"at_most": 1}});
        assert_eq!(serde_json::to_value(load).unwrap(), json);
        assert_eq!(serde_json::from_value::<Load>(json).unwrap(), load);
    }
}
