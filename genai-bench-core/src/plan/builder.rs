//! The builder of plans.

use std::time::Duration;

use super::{ExperimentSpec, Plan, PlanError, spec};
use crate::scenario::{Form, SharedScenario};
use crate::task::Task;

/// A builder of [`Plan`]s. Values that are not set have the defaults of the command line.
#[derive(Clone, Debug, Default)]
pub struct PlanBuilder {
    spec: ExperimentSpec,
    scenarios: spec::ScenarioSource,
}

impl PlanBuilder {
    /// Adds a scenario, in the notation of [`scenario`](crate::scenario).
    #[must_use]
    pub fn scenario(mut self, text: impl Into<String>) -> Self {
        self.spec.traffic_scenario.push(text.into());
        self
    }

    /// Adds a scenario that is not made from text, with its name in files.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use genai_bench_core::plan::Plan;
    /// # use genai_bench_core::scenario::Deterministic;
    /// # use genai_bench_core::units::Tokens;
    /// let scenario = Arc::new(Deterministic::new(Tokens(100), Tokens(20))?);
    /// let plan = Plan::builder().custom_scenario("mine", scenario).concurrency([1]).requests(10).build()?;
    /// assert_eq!(plan.runs()[0].scenario_text, "mine");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn custom_scenario(mut self, name: impl Into<String>, scenario: SharedScenario) -> Self {
        let name = name.into();
        self.spec.traffic_scenario.push(name.clone());
        self.scenarios.custom.push((name, scenario));
        self
    }

    /// Adds a form to the notation of scenarios, for this plan.
    #[must_use]
    pub fn scenario_form(mut self, form: Form) -> Self {
        self.scenarios.notation = self.scenarios.notation.with(form);
        self
    }

    /// Sets the task. The default is text to text.
    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.spec.task = task;
        self
    }

    /// Sets the number of documents in a request.
    #[must_use]
    pub fn batch_size(mut self, documents: u32) -> Self {
        self.spec.batch_size = vec![documents];
        self
    }

    /// Starts sessions at the recorded times of the workload, with at most `max_in_flight` of them at a time.
    #[must_use]
    pub fn replay(mut self, max_in_flight: u32) -> Self {
        (self.spec.replay, self.spec.num_concurrency) = (true, vec![max_in_flight]);
        self
    }

    /// Sends the same prompts in every run of a scenario. By default each run has prompts of its own.
    #[must_use]
    pub fn same_prompts(mut self) -> Self {
        self.spec.same_prompts = true;
        self
    }

    /// Sets the number of sessions after which a run starts no more.
    #[must_use]
    pub fn sessions(mut self, count: u64) -> Self {
        self.spec.max_sessions_per_run = Some(count);
        self
    }

    /// Adds levels of concurrency: numbers of sessions in flight.
    #[must_use]
    pub fn concurrency(mut self, levels: impl IntoIterator<Item = u32>) -> Self {
        self.spec.num_concurrency.extend(levels);
        self
    }

    /// Sets the number of requests after which a run sends no more.
    #[must_use]
    pub fn requests(mut self, count: u64) -> Self {
        self.spec.max_requests_per_run = Some(count);
        self
    }

    /// Sets the time after which a run sends no more requests.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.spec.max_time_per_run_s = Some(time.as_secs_f64());
        self
    }

    /// Sets the shares of each run that are left out of its metrics, at its start and at its end: see [`Trim`](super::Trim).
    #[must_use]
    pub fn trim(mut self, warmup_ratio: f64, cooldown_ratio: f64) -> Self {
        (self.spec.warmup_ratio, self.spec.cooldown_ratio) = (warmup_ratio, cooldown_ratio);
        self
    }

    /// Sets the number of slots that are opened per second. By default all are opened at once.
    #[must_use]
    pub fn spawn_rate(mut self, per_second: f64) -> Self {
        self.spec.spawn_rate = Some(per_second);
        self
    }

    /// Sets the timeout of a whole request and the timeout between two reads of its answer; `None` has no limit.
    /// By default a request has no timeout, and the time between reads is limited to 120 s.
    #[must_use]
    pub fn timeouts(mut self, request: Option<Duration>, stall: Option<Duration>) -> Self {
        self.spec.request_timeout_s = request.map(|it| it.as_secs_f64());
        self.spec.stall_timeout_s = stall.map(|it| it.as_secs_f64());
        self
    }

    /// Sets the maximum number of times that a failed request is sent again. The default is 0.
    #[must_use]
    pub fn retry(mut self, max_retries: u32) -> Self {
        self.spec.retry = max_retries;
        self
    }

    /// Sets the longest time that a run waits, at its end, for requests in flight; zero cancels them at once. The
    /// default is 60 s.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.spec.drain_timeout_s = time.as_secs_f64();
        self
    }

    /// Sets the share of failed requests above which a run ends early and no later run starts: more than 0 and less
    /// than 1.
    #[must_use]
    pub fn max_error_rate(mut self, share: f64) -> Self {
        self.spec.max_error_rate = Some(share);
        self
    }

    /// Starts later runs even if the server is gone or a run had too many errors.
    #[must_use]
    pub fn keep_going(mut self) -> Self {
        self.spec.keep_going = true;
        self
    }

    /// Sets the seed of all random draws, to send the same requests again. By default a fresh seed is drawn.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.spec.seed = Some(seed);
        self
    }

    /// Builds the plan.
    ///
    /// # Errors
    ///
    /// When a value is out of its range, or when two values contradict each other.
    pub fn build(self) -> Result<Plan, PlanError> {
        spec::build_plan(self.spec, &self.scenarios)
    }
}
