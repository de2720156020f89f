//! A request or two first, so that a mistake shows before the sweep and not in every line of its results.

use std::time::Duration;

use genai_bench_core::failure::{self, FailureKind};
use genai_bench_core::plan::Plan;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TemplateOverhead;
use genai_bench_core::transport::Connection;
use genai_bench_core::units::Tokens;
use genai_bench_core::workload::PREFLIGHTS;

use super::advice::{Asked, advice};
use super::length_field::Overlong;
use super::template_share::template_share;
use crate::console::note;
use crate::failure::Failure;
use crate::workload;

/// How long a server has to close the connection after an answer, if it is one that does.
const TIME_TO_CLOSE: Duration = Duration::from_millis(200);
/// The time after which a person is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The findings of the requests before the first run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    /// `true` for a server that keeps connections after an answer.
    pub(crate) keeps_connections: bool,
    /// The tokens that the server adds to each prompt, where it counts them.
    pub(crate) template: Option<Tokens>,
    /// The lengths of the first answer, where it is longer than asked for.
    pub(crate) overlong: Option<Overlong>,
}

/// Sends one request, reports what to do when it fails, and sends another one.
///
/// Some servers close the connection after each streamed answer without having said so. The next request would
/// now and then go into the closing connection, and be lost without any fault of the server's.
pub(crate) async fn try_server(runner: &Runner, plan: &Plan, address: &str) -> Result<Findings, Failure> {
    let asked = Asked::new(runner, plan, address)?;
    let first = send(runner, plan, 0, &asked).await?;
    if let Some(failure) = &first.failure {
        return Err(explained(failure, &asked));
    }
    tokio::time::sleep(TIME_TO_CLOSE).await;
    let second = send(runner, plan, 1, &asked).await?;
    let is_new = second.succeeded() && matches!(second.connection, Some(Connection::New(_)));
    let is_stale = second.failure.as_ref().is_some_and(|it| it.kind == FailureKind::StaleConnection);
    // A connection that this side had to drop was not closed by the server.
    let is_gone = is_stale || is_new && !first.body_left_open;
    let template = template_share(&first, &second);
    Ok(Findings { keeps_connections: !is_gone, template, overlong: Overlong::from_trace(&first) })
}

/// Prints the URL of the first request.
pub(crate) fn note_url(runner: &Runner, plan: &Plan, address: &str) -> Result<(), Failure> {
    note(format!("requests go to {}", Asked::new(runner, plan, address)?.url));
    Ok(())
}

/// What the server adds to prompts: two of different length are sent, and have to be made longer by the same.
pub(crate) async fn overhead(
    runner: &Runner,
    plan: &Plan,
    address: &str,
) -> Result<TemplateOverhead, Failure> {
    let asked = Asked::new(runner, plan, address)?;
    let mut records = Vec::new();
    for number in 2..PREFLIGHTS {
        let record = send(runner, plan, number, &asked).await?;
        if let Some(failure) = &record.failure {
            return Err(explained(failure, &asked));
        }
        records.push(record);
    }
    workload::measured(&records)
}

/// Waits until the server is ready.
pub(crate) async fn wait_for_server(
    runner: &Runner,
    plan: &Plan,
    address: &str,
    limit: Duration,
) -> Result<(), Failure> {
    let asked = Asked::new(runner, plan, address)?;
    let mut last = String::new();
    let on_wait = |failure: &failure::Failure| {
        let reason = failure.to_string();
        if reason != last {
            note(format!("waiting for {}, for {limit:?} at most: {reason}", asked.url));
            last = reason;
        }
    };
    match runner.wait_for_server(plan, limit, on_wait).await? {
        None => Ok(()),
        Some(failure) => Err(Failure::Usage(format!(
            "--wait-for-server: {} was not ready within {limit:?}: {failure}",
            asked.url
        ))),
    }
}

/// Sends the request of this number, and names its address where the answer takes a while.
async fn send(runner: &Runner, plan: &Plan, number: u64, asked: &Asked) -> Result<RequestRecord, Failure> {
    let sending = runner.preflight(plan, number);
    tokio::pin!(sending);
    tokio::select! {
        biased;
        record = &mut sending => return Ok(record?),
        () = tokio::time::sleep(PATIENCE) => note(format!("asking {} ...", asked.url)),
    }
    Ok(sending.await?)
}

fn explained(failure: &failure::Failure, asked: &Asked) -> Failure {
    let advice = advice(failure, asked);
    Failure::Usage(format!(
        "the first request to {} failed: {failure}\n  {advice}\n  (--skip-preflight goes on all the same)",
        asked.url
    ))
}
