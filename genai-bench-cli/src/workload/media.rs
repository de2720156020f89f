//! Generation of images and videos before the runs that send them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use genai_bench_core::clock;
use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::{SampleError, VisionSampler};
use genai_bench_core::task::Task;
use genai_bench_core::workload;

/// The time between two lines of progress.
const REPORT_PERIOD: Duration = Duration::from_secs(2);
/// The number of requests per image of a pool after which nearly every image has been sent.
const REQUESTS_PER_PICTURE: u64 = 20;

/// Generates the images or videos of a plan: the whole pool if runs have no limit of requests, else those that their requests
/// send.
pub(super) fn prepare(sampler: &VisionSampler, plan: &Plan, distinct: usize) -> Result<(), SampleError> {
    let enough = REQUESTS_PER_PICTURE * distinct.max(1) as u64;
    let limit = plan.limit.max_sessions().map_or(enough, u64::from).min(enough);
    let name = if plan.task == Task::VideoTextToText { "videos" } else { "images" };
    let reported = Mutex::new(clock::now());
    let runs = plan.runs();
    let sessions = runs
        .iter()
        .flat_map(|run| (0..limit).map(move |index| workload::session_spec(run, plan.seed, index)));
    let shapes = sessions.map(|(wanted, rng)| (wanted.shape, rng));
    sampler.prepare_for(shapes, |made: usize, total: usize| {
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        if now.since(*reported) >= REPORT_PERIOD && made < total {
            *reported = now;
            eprintln!("making {name}: {made} of {total}");
        }
    })
}
