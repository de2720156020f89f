//! A plan, step by step, for programs.

use std::time::Duration;

use super::{ExperimentSpec, Plan, PlanError, spec};
use crate::scenario::{Form, SharedScenario};
use crate::task::Task;

/// Describes an experiment step by step. What is not said has the command line's default.
#[derive(Clone, Debug, Default)]
pub struct PlanBuilder {
    spec: ExperimentSpec,
    language: spec::Language,
}

impl PlanBuilder {
    /// Adds a scenario, in the language of [`scenario`](crate::scenario).
    #[must_use]
    pub fn scenario(mut self, text: impl Into<String>) -> Self {
        self.spec.traffic_scenario.push(text.into());
        self
    }

    /// Adds a scenario of your own, under the name it has in files.
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
        self.language.custom.push((name, scenario));
        self
    }

    /// Adds a letter to the language of scenarios, for this plan.
    #[must_use]
    pub fn scenario_form(mut self, form: Form) -> Self {
        self.language.notation = self.language.notation.with(form);
        self
    }

    /// Another kind of work than text in, text out.
    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.spec.task = task;
        self
    }

    /// Puts so many documents into a request.
    #[must_use]
    pub fn batch_size(mut self, documents: u32) -> Self {
        self.spec.batch_size = vec![documents];
        self
    }

    /// Starts sessions when the workload says, at most so many in flight.
    #[must_use]
    pub fn replay(mut self, at_most: u32) -> Self {
        (self.spec.replay, self.spec.num_concurrency) = (true, vec![at_most]);
        self
    }

    /// Sends the same prompts in every run of a scenario.
    #[must_use]
    pub fn same_prompts(mut self) -> Self {
        self.spec.same_prompts = true;
        self
    }

    /// Ends a run after so many sessions have been started.
    #[must_use]
    pub fn sessions(mut self, count: u64) -> Self {
        self.spec.max_sessions_per_run = Some(count);
        self
    }

    /// Adds levels of concurrency.
    #[must_use]
    pub fn concurrency(mut self, levels: impl IntoIterator<Item = u32>) -> Self {
        self.spec.num_concurrency.extend(levels);
        self
    }

    /// Ends a run after so many requests.
    #[must_use]
    pub fn requests(mut self, count: u64) -> Self {
        self.spec.max_requests_per_run = Some(count);
        self
    }

    /// Ends a run after so much time.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.spec.max_time_per_run_s = Some(time.as_secs_f64());
        self
    }

    /// Leaves a share of each run out of its metrics, at its beginning and at its end.
    #[must_use]
    pub fn trim(mut self, warmup_ratio: f64, cooldown_ratio: f64) -> Self {
        (self.spec.warmup_ratio, self.spec.cooldown_ratio) = (warmup_ratio, cooldown_ratio);
        self
    }

    /// Opens so many slots a second instead of all at once.
    #[must_use]
    pub fn spawn_rate(mut self, per_second: f64) -> Self {
        self.spec.spawn_rate = Some(per_second);
        self
    }

    /// Sets how long a request may take, and for how long nothing of its answer may come; `None` waits for ever.
    /// By default a request may take any time, and nothing may come for 120 s.
    #[must_use]
    pub fn timeouts(mut self, request: Option<Duration>, stall: Option<Duration>) -> Self {
        self.spec.request_timeout_s = request.map(|it| it.as_secs_f64());
        self.spec.stall_timeout_s = stall.map(|it| it.as_secs_f64());
        self
    }

    /// Sends a request that failed again, so often at most. By default it is not.
    #[must_use]
    pub fn retry(mut self, at_most: u32) -> Self {
        self.spec.retry = at_most;
        self
    }

    /// Sets how long a run waits for what is still in flight when it ends; zero gives it up at once.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.spec.drain_timeout_s = time.as_secs_f64();
        self
    }

    /// Ends a run early, and starts no later one, when more than this share of its requests has failed: more than 0
    /// and less than 1.
    #[must_use]
    pub fn max_error_rate(mut self, share: f64) -> Self {
        self.spec.max_error_rate = Some(share);
        self
    }

    /// Starts later runs although the server is gone, or although a run had too many errors.
    #[must_use]
    pub fn keep_going(mut self) -> Self {
        self.spec.keep_going = true;
        self
    }

    /// What all randomness comes from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.spec.seed = seed;
        self
    }

    /// Checks what was said.
    ///
    /// # Errors
    ///
    /// When it contradicts itself.
    pub fn build(self) -> Result<Plan, PlanError> {
        spec::check(self.spec, &self.language)
    }
}
