//! The beginnings of prompts that are cut from a dataset.

use std::fmt;

use genai_bench_core::plan::Plan;

/// How many different beginnings a dataset has for the prompts of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beginnings {
    /// The number of prompts that can begin at a place of their own.
    pub(crate) places: u64,
    /// The number of prompts that the plan sends; `None` where a time limits them.
    prompts: Option<u64>,
}

impl Beginnings {
    pub(super) fn new(plan: &Plan, places: u64) -> Self {
        // With the same prompts in every run, only those of each scenario are different.
        let runs = if plan.same_prompts { plan.scenarios.len() } else { plan.runs().len() } as u64;
        Self { places, prompts: prompts_per_run(plan).map(|prompts| prompts.saturating_mul(runs)) }
    }

    /// Returns the number of prompts for which no place is left; `None` where it is not known before the runs.
    pub(crate) fn filled(&self) -> Option<u64> {
        self.prompts.map(|prompts| prompts.saturating_sub(self.places))
    }
}

impl fmt::Display for Beginnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places;
        match self.filled().zip(self.prompts) {
            Some((filled, prompts)) => write!(
                f,
                "the dataset has {places} different beginnings for {prompts} prompts: {filled} of them begin with four random \
                 words, so that no two begin alike"
            ),
            None => write!(
                f,
                "the dataset has {places} different beginnings: prompts beyond these begin with four random words, so that no \
                 two begin alike"
            ),
        }
    }
}

/// Returns the largest number of prompts that a run sends; `None` where a time limits it.
pub(super) fn prompts_per_run(plan: &Plan) -> Option<u64> {
    let batch = plan.levels.iter().map(|level| level.batch_size.get()).max().unwrap_or(1);
    let sessions = plan.limit.most_sessions().map(u64::from)?;
    Some(sessions.saturating_mul(u64::from(batch)))
}
