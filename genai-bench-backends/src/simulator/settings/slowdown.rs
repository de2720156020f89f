//! The slowdown of requests by each other.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// The growth of latencies with load: a model of a server with continuous batching.
///
/// Such a server advances all running requests by one token per step.
/// - **Below `capacity`** a step is bound by reading the weights from memory, and one more request costs
///   little: with *n* running, a step takes `1 + growth · (n − 1) / capacity` times its idle duration.
/// - **Above `capacity`** a step is bound by arithmetic: twice the requests take twice the time. The factor
///   at `capacity` is multiplied by `n / capacity`, so that the server as a whole gets no faster: the knee.
/// - **Above `slots`** a request does not run at all: it waits in the order of arrival until another ends.
///   Its headers are sent at once, and the wait is part of its time to the first token.
///
/// The factor is computed again for every chunk; prefill is slowed by the factor at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slowdown {
    /// The number of running requests up to which a further one costs little.
    pub capacity: NonZeroU32,
    /// The relative increase of the duration of a step at `capacity` over the idle server: 0.25 is a quarter
    /// longer.
    pub growth: f64,
    /// The maximum number of requests that run at once; the others wait. `null` is no limit.
    pub slots: Option<NonZeroU32>,
}

impl Default for Slowdown {
    fn default() -> Self {
        Self {
            capacity: const { NonZeroU32::new(16).expect("16 is not zero") },
            growth: 0.25,
            slots: NonZeroU32::new(32),
        }
    }
}

impl Slowdown {
    /// Creates a slowdown whose latencies do not depend on load.
    #[must_use]
    pub const fn none() -> Self {
        Self { capacity: NonZeroU32::MAX, growth: 0.0, slots: None }
    }

    /// Returns the factor of the durations of the idle server when `running` requests run.
    ///
    /// ```
    /// # use genai_bench_backends::simulator::Slowdown;
    /// let slowdown = Slowdown { growth: 0.0, ..Slowdown::default() };
    /// assert_eq!([1, 8, 16, 32, 64].map(|n| slowdown.factor(n)), [1.0, 1.0, 1.0, 2.0, 4.0]);
    /// ```
    #[must_use]
    pub fn factor(&self, running: u32) -> f64 {
        let capacity = f64::from(self.capacity.get());
        let running = f64::from(running.max(1));
        let batch = 1.0 + self.growth * (running.min(capacity) - 1.0) / capacity;
        batch * (running / capacity).max(1.0)
    }

    pub(in crate::simulator) fn is_valid(&self) -> bool {
        self.growth.is_finite() && self.growth >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_rises_to_the_knee_and_stays_there() {
        let slowdown = Slowdown::default();
        let throughput = |running: u32| f64::from(running) / slowdown.factor(running);
        assert_eq!(slowdown.factor(0), 1.0);
        assert!((1..16).all(|n| throughput(n + 1) > throughput(n)));
        assert!((16..64).all(|n| (throughput(n + 1) - throughput(n)).abs() < 1e-9));
    }
}
