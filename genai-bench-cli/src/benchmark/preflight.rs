//! One request first, so that a mistake shows before the sweep and not in every line of its results.

use genai_bench_core::failure::FailureKind;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;

use crate::failure::Failure;

/// Sends one request; says what to do when it fails.
pub(crate) async fn check(runner: &Runner, plan: &Plan, address: &str) -> Result<(), Failure> {
    let Some(failure) = runner.preflight(plan).await?.failure else { return Ok(()) };
    let advice = match (failure.kind, failure.status) {
        (FailureKind::Connect, _) => "is the server running, and is --api-base right?",
        (_, Some(401 | 403)) => "give the right key with --api-key",
        (_, Some(404)) => "is --api-base right, and does the server know --api-model-name?",
        (_, Some(400 | 422)) => "the server does not take such a request: see --additional-request-params",
        _ => "the server does not answer such a request",
    };
    Err(Failure::Usage(format!(
        "the first request to {address} failed: {failure}\n  {advice}\n  (--skip-preflight goes on all the same)"
    )))
}
