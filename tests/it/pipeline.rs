//! From a plan to an experiment, with a real backend and a scripted network, on a clock that stands still
//! unless everybody waits: every time is exact.
//!
//! Requests are drawn by a thread of their own, which no virtual clock holds up. The runner waits for the
//! first 256 before it starts, so a run of no more than these is exact. Nothing here may set a timer outside of
//! a run: while the thread draws, the clock would jump to it.

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

/// Ten tokens in, four out.
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

/// Of an experiment of one run.
async fn run_once(plan: PlanBuilder, transport: impl Transport) -> RunReport {
    let [report] = <[_; 1]>::try_from(run(plan, transport).await.runs).expect("one run");
    report
}
