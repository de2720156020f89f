//! Experiments: the specification as a user writes it ([`ExperimentSpec`]) and the checked plan ([`Plan`]).

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

/// A checked experiment. Its values do not contradict each other.
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
    /// The specification that the plan was made from, with the seed that was drawn.
    pub spec: ExperimentSpec,
    /// The kind of task.
    pub task: Task,
    /// The scenarios, each with its text in the specification.
    pub scenarios: Vec<(String, SharedScenario)>,
    /// The levels of the sweep, in the order in which each scenario runs them.
    pub levels: Vec<Level>,
    /// The limits at which a run ends.
    pub limit: Limit,
    /// The ramp-up at the start of a run.
    pub ramp: Ramp,
    /// The parts of a run that are left out of its metrics.
    pub trim: Trim,
    /// The longest time that a run waits, at its end, for requests in flight.
    pub drain: Duration,
    /// The timeouts of a request.
    pub timeouts: Timeouts,
    /// The policy for sending failed requests again.
    pub retry: Retry,
    /// The share of failed requests above which a run ends early.
    pub max_error_rate: Option<f64>,
    /// `true` to start later runs although the server is gone, or although a run had too many errors.
    pub keep_going: bool,
    /// The seed of all random draws: the seed of the specification, or a fresh one.
    pub seed: u64,
    /// `true` if every run of a scenario sends the same prompts. Otherwise each run has prompts of its own, so that
    /// a server's prefix cache holds none of them.
    pub same_prompts: bool,
}

/// The warmup and the cooldown of a run: shares of its requests, in the order in which they finished.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trim {
    /// The share of requests that finish first, from 0 to less than 1.
    pub warmup_ratio: f64,
    /// The share of requests that finish last, from 0 to less than 1.
    pub cooldown_ratio: f64,
}

/// One run of an experiment: a scenario at one level of the sweep.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// The number of the run in the experiment, from 0.
    pub number: usize,
    /// The number of the scenario, from 0.
    pub scenario_number: usize,
    /// The text of the scenario in the specification.
    pub scenario_text: String,
    /// The scenario, which draws the shapes of the requests.
    pub scenario: SharedScenario,
    /// The level of the sweep.
    pub level: Level,
    /// The group that the content of requests is drawn for: runs of the same group and scenario send the same content.
    pub content_group: u64,
    /// The part of the random key that separates the content of two scenarios under the same seed.
    pub(crate) scenario_key: u64,
}

impl Plan {
    /// Creates a builder of plans.
    #[must_use]
    pub fn builder() -> PlanBuilder {
        PlanBuilder::default()
    }

    /// Returns the runs in order: for each scenario, each level.
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

    /// Returns the warnings of the scenarios, each with the text of its scenario.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.scenarios
            .iter()
            .filter_map(|(text, scenario)| Some(format!("{text}: {}", scenario.warning()?)))
            .collect()
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scenario: &dyn Scenario = &*self.scenario;
        write!(f, "{scenario} at {}", self.level)
    }
}
