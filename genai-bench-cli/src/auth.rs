//! `genai-bench auth check`: who requests would come from, where that was found, and whether the server agrees.

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

/// How long the answer may be: the least that every server takes.
const OUTPUT: Tokens = Tokens(16);
/// How long it may take.
const PATIENCE: Timeouts = Timeouts { request: Some(Duration::from_secs(60)), stall: None };

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows where credentials are looked for and which were found, gets them, and, with --api-model-name, sends
    /// one request.
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
    let runtime = runtime.map_err(|it| Failure::System(format!("cannot start the event loop: {it}")))?;
    console::print(&format!("{} at {}\n", entry.name, endpoint.address));
    let identity = runtime.block_on(endpoint.auth.identity());
    console::print(&places(entry, identity.as_ref().ok()));
    let identity = identity.map_err(|it| Failure::Usage(it.to_string()))?;
    console::print(&found(&identity));
    let Some(model) = &options.backend.api_model_name else {
        console::print("not tried: give --api-model-name, and it is sent one request\n");
        return Ok(ExitCode::SUCCESS);
    };
    match runtime.block_on(send_one_request(endpoint, model))? {
        None => {
            console::print(&format!("tried: {model} answered\n"));
            Ok(ExitCode::SUCCESS)
        }
        Some(failure) => Err(Failure::Usage(format!("tried {model}: {failure}{}", advice(&failure)))),
    }
}

/// Where credentials are looked for, in that order, with a mark where they were found.
fn places(entry: &Entry, identity: Option<&Identity>) -> String {
    let width = entry.auth.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let variables: Vec<String> = entry.key_variables.iter().map(|it| format!("${it}")).collect();
    let key = format!("--api-key, --model-api-key, --api-key-file, {}", variables.join(", "));
    let line = |it: &AuthKind| {
        let mark = if identity.is_some_and(|found| found.kind == it.name) { '>' } else { ' ' };
        let found = if it.found == AuthKind::KEY.found { &key } else { it.found };
        format!("  {mark} {:width$}  {found}\n", it.name)
    };
    entry.auth.iter().map(line).collect()
}

fn found(identity: &Identity) -> String {
    let shown = identity.shown.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
    let mut text = format!("found: {}{shown}, from {}\n", identity.kind, identity.found);
    if let Some(expires) = identity.expires.and_then(|it| Timestamp::try_from(it).ok()) {
        text.push_str(&format!("valid until {}\n", expires.strftime("%Y-%m-%dT%H:%M:%SZ")));
    }
    text
}

/// Sends one request, and says how it failed, if it did.
async fn send_one_request(endpoint: Endpoint, model: &str) -> Result<Option<failure::Failure>, Failure> {
    let transport = Arc::new(Reqwest::new(&ReqwestOptions::default())?);
    let target = Target::new(endpoint.backend, transport).with_auth(endpoint.auth);
    let request = Request::chat(model, "Hello", OutputLength::AtMost(OUTPUT));
    let mut record = RequestRecord::default();
    exchange(&target, &request, PATIENCE, Epoch::start(), &mut record).await;
    Ok(record.failure)
}

/// Returns what to do about `failure`, in a line of its own.
fn advice(failure: &failure::Failure) -> String {
    let advice = match failure.status {
        Some(401 | 403) => "the server does not let this credential in".to_owned(),
        Some(429) => "the server knows this credential, and has no room for it just now".to_owned(),
        _ => advice::advice(failure, &advice::Asked::default()),
    };
    format!("\n  {advice}")
}
