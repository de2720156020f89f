//! Requests before the first run, which find mistakes in the options and properties of the server.

use std::time::Duration;

use genai_bench_core::failure::{self, FailureKind};
use genai_bench_core::plan::Plan;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TemplateOverhead;
use genai_bench_core::transport::Connection;
use genai_bench_core::units::Tokens;
use genai_bench_core::workload::PREFLIGHTS;

use super::advice::{PreflightRequest, advice};
use super::length_field::Overlong;
use super::template_share::template_share;
use crate::console::note;
use crate::failure::Failure;
use crate::workload;

/// The time in which a server that closes connections after answers does so.
const TIME_TO_CLOSE: Duration = Duration::from_millis(200);
/// The time without an answer after which a note names the URL.
const NOTE_AFTER: Duration = Duration::from_secs(2);

/// The properties of the server that the requests before the first run show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    /// `true` if the server keeps connections open after an answer.
    pub(crate) keeps_connections: bool,
    /// The number of tokens that the server adds to each prompt; `None` if it does not count tokens.
    pub(crate) template: Option<Tokens>,
    /// The length of the first answer; `None` if it is within its limit.
    pub(crate) overlong: Option<Overlong>,
}

/// Sends two requests, one after the other.
///
/// Some servers close the connection after each streamed answer without announcing it. The next request would sometimes
/// be sent on the closing connection and fail, which is not an error of the server. The second request detects this.
///
/// # Errors
///
/// Returns an error with advice if the first request fails.
pub(crate) async fn try_server(runner: &Runner, plan: &Plan, address: &str) -> Result<Findings, Failure> {
    let request = PreflightRequest::new(runner, plan, address)?;
    let first = send(runner, plan, 0, &request).await?;
    if let Some(failure) = &first.failure {
        return Err(explained(failure, &request));
    }
    tokio::time::sleep(TIME_TO_CLOSE).await;
    let second = send(runner, plan, 1, &request).await?;
    let is_new = second.succeeded() && matches!(second.connection, Some(Connection::New(_)));
    let is_stale =
        second.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::StaleConnection);
    // A connection that the client dropped was not closed by the server.
    let is_gone = is_stale || is_new && !first.body_left_open;
    let template = template_share(&first, &second);
    Ok(Findings { keeps_connections: !is_gone, template, overlong: Overlong::from_record(&first) })
}

/// Prints the URL of the first request.
pub(crate) fn note_url(runner: &Runner, plan: &Plan, address: &str) -> Result<(), Failure> {
    note(format!("requests go to {}", PreflightRequest::new(runner, plan, address)?.url));
    Ok(())
}

/// Measures the number of tokens that the server adds to each prompt, with two prompts of different lengths.
pub(crate) async fn overhead(
    runner: &Runner,
    plan: &Plan,
    address: &str,
) -> Result<TemplateOverhead, Failure> {
    let request = PreflightRequest::new(runner, plan, address)?;
    let mut records = Vec::new();
    for number in 2..PREFLIGHTS {
        let record = send(runner, plan, number, &request).await?;
        if let Some(failure) = &record.failure {
            return Err(explained(failure, &request));
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
    let request = PreflightRequest::new(runner, plan, address)?;
    let mut last_reason = String::new();
    let outcome = runner.wait_for_server(plan, limit, |failure| {
        let reason = failure.to_string();
        if reason != last_reason {
            note(format!("waiting for {}, for {limit:?} at most: {reason}", request.url));
            last_reason = reason;
        }
    });
    match outcome.await? {
        None => Ok(()),
        Some(failure) => Err(Failure::Usage(format!(
            "--wait-for-server: {} was not ready within {limit:?}: {failure}",
            request.url
        ))),
    }
}

/// Sends the request of this number, and prints a note with its URL if the answer takes long.
async fn send(
    runner: &Runner,
    plan: &Plan,
    number: u64,
    request: &PreflightRequest,
) -> Result<RequestRecord, Failure> {
    let sending = runner.preflight(plan, number);
    tokio::pin!(sending);
    tokio::select! {
        biased;
        record = &mut sending => return Ok(record?),
        () = tokio::time::sleep(NOTE_AFTER) => note(format!("waiting for an answer of {} ...", request.url)),
    }
    Ok(sending.await?)
}

fn explained(failure: &failure::Failure, request: &PreflightRequest) -> Failure {
    let advice = advice(failure, request);
    Failure::Usage(format!(
        "the first request to {} failed: {failure}\n  {advice}\n  (--skip-preflight starts the runs without this request)",
        request.url
    ))
}
