//! A request or two first, so that a mistake shows before the sweep and not in every line of its results.

use std::time::Duration;

use genai_bench_core::failure;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TemplateOverhead;
use genai_bench_core::transport::Connection;
use genai_bench_core::units::Tokens;
use genai_bench_core::workload::PREFLIGHTS;

use super::advice::advice;
use super::template_share::template_share;
use crate::failure::Failure;
use crate::workload;

/// How long a server has to close the connection after an answer, if it is one that does.
const TIME_TO_CLOSE: Duration = Duration::from_millis(200);

/// The findings of the requests before the first run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    /// `true` for a server that keeps connections after an answer.
    pub(crate) keeps_connections: bool,
    /// The tokens that the server adds to each prompt, where it counts them.
    pub(crate) template: Option<Tokens>,
}

/// Sends one request, reports what to do when it fails, and sends another one.
///
/// Some servers close the connection after each streamed answer without having said so. The next request would
/// now and then go into the closing connection, and be lost without any fault of the server's.
pub(crate) async fn try_server(runner: &Runner, plan: &Plan, address: &str) -> Result<Findings, Failure> {
    let first = runner.preflight(plan, 0).await?;
    if let Some(failure) = &first.failure {
        return Err(explained(failure, address));
    }
    tokio::time::sleep(TIME_TO_CLOSE).await;
    let second = runner.preflight(plan, 1).await?;
    let is_gone = second.succeeded() && matches!(second.connection, Some(Connection::New(_)));
    Ok(Findings { keeps_connections: !is_gone, template: template_share(&first, &second) })
}

/// What the server adds to prompts: two of different length are sent, and have to be made longer by the same.
pub(crate) async fn overhead(
    runner: &Runner,
    plan: &Plan,
    address: &str,
) -> Result<TemplateOverhead, Failure> {
    let mut traces = Vec::new();
    for number in 2..PREFLIGHTS {
        let trace = runner.preflight(plan, number).await?;
        if let Some(failure) = &trace.failure {
            return Err(explained(failure, address));
        }
        traces.push(trace);
    }
    workload::measured(&traces)
}

fn explained(failure: &failure::Failure, address: &str) -> Failure {
    let advice = advice(failure);
    Failure::Usage(format!(
        "the first request to {address} failed: {failure}\n  {advice}\n  (--skip-preflight goes on all the same)"
    ))
}
