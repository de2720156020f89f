//! A plan, step by step, for programs.

use std::time::Duration;

use super::{ExperimentSpec, Plan, PlanError};

/// Describes an experiment step by step. What is not said has the command line's default.
#[derive(Clone, Debug, Default)]
pub struct PlanBuilder(ExperimentSpec);

impl PlanBuilder {
    /// Adds a scenario, in the language of [`scenario`](crate::scenario).
    #[must_use]
    pub fn scenario(mut self, text: impl Into<String>) -> Self {
        self.0.traffic_scenario.push(text.into());
        self
    }

    /// Adds levels of concurrency.
    #[must_use]
    pub fn concurrency(mut self, levels: impl IntoIterator<Item = u32>) -> Self {
        self.0.num_concurrency.extend(levels);
        self
    }

    /// Ends a run after so many requests.
    #[must_use]
    pub fn requests(mut self, count: u64) -> Self {
        self.0.max_requests_per_run = Some(count);
        self
    }

    /// Ends a run after so much time.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.0.max_time_per_run_s = Some(time.as_secs_f64());
        self
    }

    /// Leaves a share of each run out of its metrics, at its beginning and at its end.
    #[must_use]
    pub fn trim(mut self, warmup_ratio: f64, cooldown_ratio: f64) -> Self {
        (self.0.warmup_ratio, self.0.cooldown_ratio) = (warmup_ratio, cooldown_ratio);
        self
    }

    /// Opens so many slots a second instead of all at once.
    #[must_use]
    pub fn spawn_rate(mut self, per_second: f64) -> Self {
        self.0.spawn_rate = Some(per_second);
        self
    }

    /// Gives a request so much time, and silence so much.
    #[must_use]
    pub fn timeouts(mut self, request: Option<Duration>, stall: Option<Duration>) -> Self {
        self.0.request_timeout_s = request.map(|it| it.as_secs_f64());
        self.0.stall_timeout_s = stall.map(|it| it.as_secs_f64());
        self
    }

    /// Waits so long for what is still in flight when a run ends.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.0.drain_timeout_s = time.as_secs_f64();
        self
    }

    /// What all randomness comes from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Checks what was said.
    ///
    /// # Errors
    ///
    /// When it contradicts itself.
    pub fn build(self) -> Result<Plan, PlanError> {
        Plan::try_from(self.0)
    }
}
