//! `genai-bench auth check`: the credentials that requests use, their source, and a test request.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use genai_bench_backends::entry::{AuthKind, Endpoint, Entry};
use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::auth::Identity;
use genai_bench_core::clock::Epoch;
use genai_bench_core::exchange::{Timeouts, exchange};
use genai_bench_core::failure;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::target::Target;
use genai_bench_core::units::Tokens;
use jiff::Timestamp;

use crate::backend_options::{self, BackendOptions};
use crate::benchmark::advice;
use crate::console;
use crate::failure::Failure;

/// The length limit of the answer: the smallest that every server accepts.
const OUTPUT: Tokens = Tokens(16);
/// The time limits of the test request.
const TIMEOUTS: Timeouts = Timeouts { request: Some(Duration::from_secs(60)), stall: None };

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the sources of credentials in their order, marks the one in use, loads the credentials, and sends one
    /// request if --api-model-name is given.
    Check(Box<CheckOptions>),
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    #[command(flatten, next_help_heading = "Server")]
    backend: BackendOptions,
}

/// Runs the check.
pub(crate) fn check(options: &CheckOptions) -> Result<ExitCode, Failure> {
    let entry = options.backend.entry()?;
    let settings = options.backend.settings(entry)?;
    let endpoint = backend_options::endpoint(entry, &settings).map_err(|error| {
        console::print(&format!("{}\n{}", entry.name, places(entry, None)));
        backend_options::refused(error, &settings)
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::System(format!("cannot start the event loop: {error}")))?;
    console::print(&format!("{} at {}\n", entry.name, endpoint.address));
    let identity = runtime.block_on(endpoint.auth.identity());
    console::print(&places(entry, identity.as_ref().ok()));
    let identity = identity.map_err(|error| Failure::Usage(error.to_string()))?;
    console::print(&found(&identity));
    let Some(model) = &options.backend.api_model_name else {
        console::print("not tested: give --api-model-name to send one request\n");
        return Ok(ExitCode::SUCCESS);
    };
    match runtime.block_on(send_one_request(endpoint, model))? {
        None => {
            console::print(&format!("tested: {model} answered\n"));
            Ok(ExitCode::SUCCESS)
        }
        Some(failure) => {
            Err(Failure::Usage(format!("the test request to {model} failed: {failure}{}", advice(&failure))))
        }
    }
}

/// Returns one line for each source of credentials, in their order, with a mark at the one in use.
fn places(entry: &Entry, identity: Option<&Identity>) -> String {
    let width = entry.auth.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let variables: Vec<String> = entry.key_variables.iter().map(|name| format!("${name}")).collect();
    let key = format!("--api-key, --model-api-key, --api-key-file, {}", variables.join(", "));
    let mut lines = String::new();
    for kind in entry.auth {
        let mark = if identity.is_some_and(|found| found.kind == kind.name) { '>' } else { ' ' };
        let found = if kind.found == AuthKind::KEY.found { &key } else { kind.found };
        lines += &format!("  {mark} {:width$}  {found}\n", kind.name);
    }
    lines
}

fn found(identity: &Identity) -> String {
    let shown = identity.shown.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let mut text = format!("found: {}{shown}, from {}\n", identity.kind, identity.found);
    if let Some(expires) = identity.expires.and_then(|time| Timestamp::try_from(time).ok()) {
        text.push_str(&format!("valid until {}\n", expires.strftime("%Y-%m-%dT%H:%M:%SZ")));
    }
    text
}

/// Sends one request. Returns its failure, or `None` if it succeeded.
async fn send_one_request(endpoint: Endpoint, model: &str) -> Result<Option<failure::Failure>, Failure> {
    let transport = Arc::new(Reqwest::new(&ReqwestOptions::default())?);
    let target = Target::new(endpoint.backend, transport).with_auth(endpoint.auth);
    let request = Request::chat(model, "Hello", OutputLength::AtMost(OUTPUT));
    let mut record = RequestRecord::default();
    exchange(&target, &request, TIMEOUTS, Epoch::start(), &mut record).await;
    Ok(record.failure)
}

/// Returns the advice for `failure`, on a line of its own.
fn advice(failure: &failure::Failure) -> String {
    let advice = match failure.status {
        Some(401 | 403) => "the server does not accept this credential".to_owned(),
        Some(429) => "the server accepts this credential and limits its rate: try again later".to_owned(),
        _ => advice::advice(failure, &advice::PreflightRequest::default()),
    };
    format!("\n  {advice}")
}
