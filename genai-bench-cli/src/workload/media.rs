//! Pictures and videos, made before the runs that show them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use genai_bench_core::clock;
use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::{SampleError, VisionSampler};
use genai_bench_core::task::Task;
use genai_bench_core::workload;

/// The time without a line about how far it is.
const SILENCE: Duration = Duration::from_secs(2);
/// The requests for each picture of a pool after which it has been shown, as good as certainly.
const REQUESTS_PER_PICTURE: u64 = 20;

/// Makes what the runs of a plan show: all that there can be where runs have no limit of requests, else no more than their
/// requests show.
pub(super) fn prepare(sampler: &VisionSampler, plan: &Plan, distinct: usize) -> Result<(), SampleError> {
    let enough = REQUESTS_PER_PICTURE * distinct.max(1) as u64;
    let limit = plan.limit.max_sessions().map_or(enough, u64::from).min(enough);
    let name = if plan.task == Task::VideoTextToText { "videos" } else { "pictures" };
    let reported = Mutex::new(clock::now());
    let report = |made: usize, total: usize| {
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        if now.since(*reported) >= SILENCE && made < total {
            *reported = now;
            eprintln!("making {name}: {made} of {total}");
        }
    };
    let runs = plan.runs();
    let sessions = runs
        .iter()
        .flat_map(|run| (0..limit).map(move |index| workload::session_spec(run, plan.seed, index)));
    sampler.prepare_for(sessions.map(|(wanted, rng)| (wanted.shape, rng)), report)
}
