//! The different beginnings of prompts that are cut from a dataset.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use genai_bench_core::plan::Plan;
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::scenario::Shape;

/// The number of different beginnings in a dataset for the prompts of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PromptStarts {
    /// The number of different places at which prompts can begin.
    pub(crate) places: u64,
    /// The number of prompts that the plan sends; `None` if only a time limits them.
    prompts: Option<u64>,
}

impl PromptStarts {
    pub(super) fn new(plan: &Plan, places: u64) -> Self {
        let cut =
            different_runs(plan).into_iter().filter(|(shape, _)| *shape != Shape::Dataset).count() as u64;
        Self { places, prompts: prompts_per_run(plan).map(|prompts| prompts.saturating_mul(cut)) }
    }

    /// Returns the number of prompts for which no place is left; `None` if it is not known before the runs.
    pub(crate) fn filled(&self) -> Option<u64> {
        self.prompts.map(|prompts| prompts.saturating_sub(self.places))
    }
}

impl fmt::Display for PromptStarts {
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

/// Returns a shape and the largest batch size of each group of runs whose requests have the same content, in their order.
pub(super) fn different_runs(plan: &Plan) -> Vec<(Shape, NonZeroU32)> {
    let mut groups = BTreeMap::new();
    for run in plan.runs() {
        let shape = run.scenario.draw(&mut Rng::at(plan.seed, Stream::Shape, run.scenario_number as u64, 0));
        let (_, batch_size) = groups.entry(run.content_group).or_insert((shape, NonZeroU32::MIN));
        *batch_size = run.level.batch_size.max(*batch_size);
    }
    groups.into_values().collect()
}

/// Returns the largest number of texts that a run sends; `None` if only a time limits it.
pub(super) fn prompts_per_run(plan: &Plan) -> Option<u64> {
    let sessions = plan.limit.max_sessions().map(u64::from)?;
    let texts =
        different_runs(plan).into_iter().map(|(shape, batch_size)| texts_per_request(shape, batch_size));
    Some(sessions.saturating_mul(texts.max().unwrap_or(1)))
}

/// Returns the number of texts of a request.
fn texts_per_request(shape: Shape, batch_size: NonZeroU32) -> u64 {
    // The query of a rerank is a text too.
    u64::from(batch_size.get()) + u64::from(matches!(shape, Shape::Rerank { .. }))
}
