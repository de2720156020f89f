//! `genai-bench benchmark`: resolves what was asked for, runs it, and shows what came of it.

use std::process::ExitCode;
use std::sync::Arc;

use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::experiment::Folder;
use genai_bench_core::runner::{Experiment, Runner};
use genai_bench_core::sampler::Sampler;
use genai_bench_core::target::Target;

use tracing::info;

use self::destination::Destination;
use self::logged::Logged;
use self::sent::Sent;
use crate::failure::Failure;
use crate::say::note;
use crate::{log_file, redact};

mod advice;
mod destination;
mod interrupt;
mod logged;
mod options;
mod place;
mod preflight;
mod progress;
mod sent;
mod summary;
mod truth;

pub(crate) use options::{LoadOptions, Options};

/// Runs the benchmark.
pub(crate) fn run(options: Options) -> Result<ExitCode, Failure> {
    if let Some(folder) = &options.results.log_dir {
        log_file::open(folder)?;
    }
    info!("genai-bench {} starts: {}", env!("CARGO_PKG_VERSION"), redact::command_line(std::env::args()));
    let mut options = options.with_defaults()?;
    if options.locked.workload.is_none() {
        // Before the tokenizer and the dataset are opened, which may take minutes. A lock names its task itself.
        destination::check_task(&options)?;
    }
    let mut sent = Sent::of(&mut options)?;
    for warning in sent.plan.warnings() {
        note(warning);
    }
    let destination = destination::build(&options)?;
    // One thread stamps bytes; drawing requests and writing the journal have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Failure::System(format!("cannot start the event loop: {it}")))?;

    // Before anything is sent or written: without credentials there is nothing to measure.
    let identity = runtime.block_on(destination.endpoint.auth.identity())?;
    let mut transport = transport_options(&options)?;
    let address = &destination.endpoint.address;
    if !options.skip_preflight {
        let runner = runner(&destination, &sent, &transport)?;
        let keeps = runtime.block_on(preflight::keeps_connections(&runner, &sent.plan, address))?;
        info!("preflight: {address} answers, and {} connections", if keeps { "keeps" } else { "closes" });
        if transport.keep_alive && !keeps {
            note("the server closes its connections: every request opens one, and its time includes that");
            transport.keep_alive = false;
        }
    }
    if sent.asks_for_overhead() {
        let runner = runner(&destination, &sent, &transport)?;
        let overhead = runtime.block_on(preflight::overhead(&runner, &sent.plan, address))?;
        note(format!("the server's chat template adds {} tokens to each prompt", overhead.tokens));
        sent.make_with(overhead)?;
    }
    let (path, metadata) = place::of(&options, &sent, &destination, &identity)?;
    let folder = Folder::create(&path, &metadata).map_err(|it| Failure::option("experiment-base-dir", it))?;
    info!("results go to {}", path.display());
    let truth = destination.simulator.clone().map(truth::Truth::of);
    let observer = progress::observer(sent.plan.runs().len(), truth.clone());
    let observer = Box::new(Logged::new(observer));
    let runner = runner(&destination, &sent, &transport)?.writing_to(folder).observed_by(observer);
    let (experiment, signal) = runtime.block_on(async {
        let watch = interrupt::watch(runner.stopper());
        (runner.run(&sent.plan).await, watch.received())
    });
    let experiment: Experiment = experiment?;
    info!(
        "ended after {} of {} runs; results are in {}",
        experiment.runs.len(),
        sent.plan.runs().len(),
        path.display()
    );
    summary::print(&experiment, truth.as_ref(), &path);
    Ok(signal.map_or(ExitCode::SUCCESS, |received| ExitCode::from(received.exit_code())))
}

fn runner(destination: &Destination, sent: &Sent, transport: &ReqwestOptions) -> Result<Runner, Failure> {
    let backend = Arc::clone(&destination.endpoint.backend);
    let target = Target::new(backend, Arc::new(Reqwest::new(transport)?));
    let target = target.with_auth(Arc::clone(&destination.endpoint.auth));
    let sampler: Arc<dyn Sampler> = Arc::clone(&sent.sampler);
    Ok(Runner::new(target, sampler).counting_with(Arc::clone(&sent.tokenizer)))
}

fn transport_options(options: &Options) -> Result<ReqwestOptions, Failure> {
    let mut transport = ReqwestOptions::default();
    transport.keep_alive = !options.no_keep_alive;
    let wrong = |_| Failure::option("connect-timeout", "no time: give seconds, more than 0");
    let timeout = std::time::Duration::try_from_secs_f64(options.connect_timeout).map_err(wrong)?;
    transport.connect_timeout = Some(timeout).filter(|it| !it.is_zero());
    Ok(transport)
}
