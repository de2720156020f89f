//! Whole experiments with a real backend and a scripted network on tokio's paused clock: every time is exact.
//!
//! Requests are sampled on a separate thread, which the virtual clock does not control. The runner waits for the
//! first 256 before it starts, so a run of up to 256 requests is exact. A test must not set a timer outside of a run:
//! the clock would jump to it while the thread samples.

use genai_bench_core::plan::{Plan, PlanBuilder};
use genai_bench_core::report::{Experiment, RunReport};
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::Sampler;
use genai_bench_core::target::Target;
use genai_bench_core::transport::Transport;
use std::sync::Arc;

use crate::doubles::{backend, sampler};

mod conversations;
mod credentials;
mod embedding;
mod end_marks;
mod endings;
mod endless;
mod failures;
mod field_cases;
mod latency;
mod load;
mod panics;
mod preflight;
mod recording;
mod refusals;
mod replay;
mod retries;
mod sessions;
mod workload;

/// A scenario of ten input tokens and four output tokens.
fn plan() -> PlanBuilder {
    Plan::builder().scenario("D(10,4)")
}

fn runner(transport: impl Transport) -> Runner {
    Runner::new(Target::new(backend(), Arc::new(transport)), sampler())
}

async fn run(plan: PlanBuilder, transport: impl Transport) -> Experiment {
    run_with(sampler(), plan, transport).await
}

async fn run_with(sampler: Arc<dyn Sampler>, plan: PlanBuilder, transport: impl Transport) -> Experiment {
    let plan = plan.build().expect("a plan that makes sense");
    let runner = Runner::new(Target::new(backend(), Arc::new(transport)), sampler);
    runner.run(&plan).await.expect("a run that can happen")
}

/// Returns the metrics of an experiment of one run.
async fn run_once(plan: PlanBuilder, transport: impl Transport) -> RunReport {
    let [report] = <[_; 1]>::try_from(run(plan, transport).await.runs).expect("one run");
    report
}
