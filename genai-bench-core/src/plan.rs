//! What is run: what a person writes ([`ExperimentSpec`]), and what has been checked ([`Plan`]).

use std::time::Duration;

use crate::exchange::{Retry, Timeouts};
use crate::rng::key_of;
use crate::scenario::{Scenario, SharedScenario};
use crate::task::Task;

mod builder;
mod level;
mod load;
mod spec;

pub use builder::PlanBuilder;
pub use level::{Iteration, Level};
pub use load::{Limit, Load, Ramp};
pub use spec::{ExperimentSpec, PlanError};

/// A checked experiment: it cannot contradict itself.
///
/// ```
/// use genai_bench_core::plan::Plan;
///
/// let plan = Plan::builder().scenario("D(100,20)").concurrency([1, 8, 64]).requests(500).build()?;
/// assert_eq!(plan.runs().len(), 3);
/// # Ok::<(), genai_bench_core::plan::PlanError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// What a person wrote.
    pub spec: ExperimentSpec,
    /// The kind of work.
    pub task: Task,
    /// The shapes of requests, each with the text a person wrote.
    pub scenarios: Vec<(String, SharedScenario)>,
    /// What is put on the server, one after the other, for each scenario.
    pub levels: Vec<Level>,
    /// When a run ends.
    pub limit: Limit,
    /// How a run begins.
    pub ramp: Ramp,
    /// Which part of a run is left out of its metrics.
    pub trim: Trim,
    /// How long a run waits for what is still in flight at its end.
    pub drain: Duration,
    /// How long a request may take.
    pub patience: Timeouts,
    /// How often a request that failed is sent again.
    pub retry: Retry,
    /// The share of failed requests above which a run ends early.
    pub max_error_rate: Option<f64>,
    /// `true` to start later runs although the server is gone, or although a run had too many errors.
    pub keep_going: bool,
    /// The seed that all randomness comes from: the one that was given, or a fresh one.
    pub seed: u64,
    /// Whether every run of a scenario sends the same prompts. Otherwise no run finds its prompts in a server's
    /// cache.
    pub same_prompts: bool,
}

/// How much of a run is left out at its ends: shares of its requests, in the order in which they finished.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trim {
    /// The first ones to finish, from 0 to less than 1.
    pub warmup_ratio: f64,
    /// The last ones to finish, from 0 to less than 1.
    pub cooldown_ratio: f64,
}

/// One run of an experiment: a scenario under a load.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// Its number in the experiment, from 0.
    pub number: usize,
    /// The number of its scenario, from 0.
    pub scenario_number: usize,
    /// The text a person wrote for the scenario.
    pub scenario_text: String,
    /// The shapes of its requests.
    pub scenario: SharedScenario,
    /// What it puts on the server.
    pub level: Level,
    /// What the content of its requests is drawn by: runs of the same group and scenario send the same.
    pub content_group: u64,
    /// Tells the content of its requests from that of another scenario under the same seed.
    pub(crate) scenario_key: u64,
}

impl Plan {
    /// Describes an experiment step by step.
    #[must_use]
    pub fn builder() -> PlanBuilder {
        PlanBuilder::default()
    }

    /// Every run, in the order in which they happen: for each scenario, each load.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        for (scenario_number, (text, scenario)) in self.scenarios.iter().enumerate() {
            for level in &self.levels {
                let number = runs.len();
                let scenario_key = key_of(&scenario.to_string());
                runs.push(Run {
                    number,
                    scenario_number,
                    scenario_text: text.clone(),
                    scenario: scenario.clone(),
                    level: *level,
                    scenario_key,
                    content_group: if self.same_prompts { scenario_number } else { number } as u64,
                });
            }
        }
        runs
    }

    /// What a person should know of its scenarios before they are run.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warning =
            |(text, scenario): &(String, SharedScenario)| Some(format!("{text}: {}", scenario.warning()?));
        self.scenarios.iter().filter_map(warning).collect()
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scenario: &dyn Scenario = &*self.scenario;
        write!(f, "{scenario} at {}", self.level)
    }
}
