//! Times that a server measures and reports itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::optional_nanos;

/// The duration of an answer by the server's clock, without network time.
///
/// It is reported beside the measured times and never mixed with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerTime {
    /// The time until the first token or the first byte.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "first_token_ns",
        with = "optional_nanos"
    )]
    pub first_token: Option<Duration>,
    /// The time in the server's queue, before the model ran.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "queue_ns", with = "optional_nanos")]
    pub queue: Option<Duration>,
    /// The time from the first token to the last.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "generation_ns",
        with = "optional_nanos"
    )]
    pub generation: Option<Duration>,
    /// The time until the answer was complete.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "total_ns", with = "optional_nanos")]
    pub total: Option<Duration>,
}

impl ServerTime {
    /// Creates the times of a server that reports milliseconds: until the first token, and in total. Values that are
    /// not valid durations are dropped.
    #[must_use]
    pub fn in_ms(first_token: Option<f64>, total: Option<f64>) -> Self {
        Self { first_token: from_ms(first_token), total: from_ms(total), ..Self::default() }
    }

    /// Sets the time in the server's queue and the time from the first token to the last, in milliseconds.
    #[must_use]
    pub fn with_phases_in_ms(mut self, queue: Option<f64>, generation: Option<f64>) -> Self {
        (self.queue, self.generation) = (from_ms(queue), from_ms(generation));
        self
    }

    /// Returns `true` if the server reported no time.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn update(&mut self, newer: Self) {
        self.first_token = newer.first_token.or(self.first_token);
        self.queue = newer.queue.or(self.queue);
        self.generation = newer.generation.or(self.generation);
        self.total = newer.total.or(self.total);
    }
}

fn from_ms(milliseconds: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(milliseconds? / 1e3).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_times_are_dropped_and_others_written_in_ns() {
        let time = ServerTime::in_ms(Some(1.5), Some(-1.0));
        assert_eq!(
            time,
            ServerTime { first_token: Some(Duration::from_micros(1500)), ..ServerTime::default() }
        );
        assert!(ServerTime::in_ms(None, Some(f64::NAN)).is_unknown());
        let line = serde_json::to_string(&time).unwrap();
        assert_eq!(line, r#"{"first_token_ns":1500000}"#);
        assert_eq!(serde_json::from_str::<ServerTime>(&line).unwrap(), time);
    }
}
