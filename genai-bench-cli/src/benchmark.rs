//! `genai-bench benchmark`: resolves what was asked for, runs it, and shows what came of it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::Sampler;
use genai_bench_core::target::Target;
use genai_bench_core::units::Tokens;

use tracing::info;

use self::prepared_workload::PreparedWorkload;
use self::run_log::RunLog;
use self::server_under_test::ServerUnderTest;
use crate::console::note;
use crate::failure::Failure;
use crate::workload::Endpoint;
use crate::{log_file, redact};

pub(crate) mod advice;
mod exit_code;
mod experiment_size;
mod interrupt;
mod length_field;
mod options;
mod output_folder;
mod output_limit;
mod preflight;
mod prepared_workload;
mod progress;
mod run_log;
mod server_under_test;
mod simulator_check;
mod summary;
mod template_share;

pub(crate) use options::Options;

/// Runs the benchmark.
pub(crate) fn run(options: Options) -> Result<ExitCode, Failure> {
    if let Some(folder) = &options.results.log_dir {
        log_file::open(folder)?;
    }
    info!("genai-bench {} starts: {}", env!("CARGO_PKG_VERSION"), redact::own_command_line());
    options.python_tool.note_what_has_no_effect(options.results.log_dir.is_some());
    let mut options = options.with_defaults()?;
    if options.locked.workload.is_none() {
        // Before the tokenizer and the dataset are opened, which may take minutes. A lock names its task itself.
        server_under_test::check_task(&options)?;
    }
    // A lock names its model and its endpoint itself. Otherwise the backend is known before the dataset is read: rows
    // that it cannot send are left out.
    let known = match options.locked.workload {
        None => Some(server_under_test::build(&options)?),
        Some(_) => None,
    };
    let without_tools = known.as_ref().and_then(|known| without_tools(&options, known));
    let mut sent = PreparedWorkload::prepare(&mut options, without_tools.as_deref())?;
    for warning in sent.plan.warnings() {
        note(warning);
    }
    if options.locked.workload.is_none() {
        let seed = sent.plan.seed;
        note(format!("seed {seed}: with --seed {seed} the same requests are sent again"));
    }
    note(experiment_size::describe(&sent.plan));
    let mut destination = match known {
        Some(known) => known,
        None => server_under_test::build(&options)?,
    };
    // One thread stamps bytes; drawing requests and writing the journal have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Failure::System(format!("cannot start the event loop: {it}")))?;

    // Before anything is sent or written: without credentials there is nothing to measure.
    let identity = runtime.block_on(destination.endpoint.auth.identity())?;
    let known = runtime.block_on(before_the_runs(&options, &mut sent, &mut destination))?;
    if !output_limit::is_given(&sent, &destination.settings.body)? {
        note(output_limit::NOTE);
    }
    let (path, metadata) = output_folder::choose(&options, &sent, &destination, &identity)?;
    let folder = output_folder::create(&options, &path, &metadata)?;
    info!("results go to {}", path.display());
    let truth = destination.simulator.clone().map(simulator_check::SimulatorCheck::new);
    let runs = sent.plan.runs().len();
    let observer = Box::new(RunLog::new(progress::observer(runs, truth.clone())));
    let runner = runner(&destination, &sent, &known.transport)?.with_template(known.template);
    let runner = runner.writing_to(folder).observed_by(observer);
    let (experiment, signal) = runtime.block_on(async {
        let watch = interrupt::watch(runner.stopper());
        (runner.run(&sent.plan).await, watch.received())
    });
    let experiment = experiment?;
    info!("ended after {} of {runs} runs; results are in {}", experiment.runs.len(), path.display());
    summary::print(&experiment, sent.plan.seed, truth.as_ref(), &path);
    Ok(exit_code::exit_code(&sent.plan, &experiment, signal))
}

/// Returns the backend in words where it cannot send tools.
fn without_tools(options: &Options, destination: &ServerUnderTest) -> Option<String> {
    let backend = &destination.endpoint.backend;
    let by_responses = options.workload.endpoint == Endpoint::Responses;
    let endpoint = if by_responses { " with --endpoint responses" } else { "" };
    (!backend.sends_tools()).then(|| format!("the backend {}{endpoint}", backend.name()))
}

/// The facts of the server that are known before the first run.
struct Known {
    transport: ReqwestOptions,
    template: Option<Tokens>,
}

/// Sends the requests before the first run: those of the preflight, and those that measure the chat template where that is
/// asked for, after which prompts have room for it.
async fn before_the_runs(
    options: &Options,
    sent: &mut PreparedWorkload,
    destination: &mut ServerUnderTest,
) -> Result<Known, Failure> {
    let mut known = Known { transport: transport_options(options)?, template: None };
    let address = &destination.endpoint.address.clone();
    let first = runner(destination, sent, &known.transport)?;
    preflight::note_url(&first, &sent.plan, address)?;
    if let Some(limit) = wait_limit(options)? {
        preflight::wait_for_server(&first, &sent.plan, address, limit).await?;
    }
    if !options.skip_preflight {
        let found = preflight::try_server(&first, &sent.plan, address).await?;
        info!("preflight: {address} answers: {found:?}");
        known.template = found.template;
        if known.transport.keep_alive && !found.keeps_connections {
            note("the server closes its connections: every request opens one, and its time includes that");
            known.transport.keep_alive = false;
        }
        if let Some(overlong) = found.overlong {
            let runner_to = |other: &ServerUnderTest| runner(other, sent, &known.transport);
            let older = length_field::settled(options, destination, &sent.plan, overlong, runner_to).await?;
            if let Some(older) = older {
                *destination = older;
            }
        }
    }
    if sent.measures_overhead() {
        let runner = runner(destination, sent, &known.transport)?;
        let overhead = preflight::overhead(&runner, &sent.plan, address).await?;
        note(format!("the server adds {} tokens to each prompt", overhead.tokens));
        sent.make_with(overhead)?;
        // From now on the expected length of a prompt holds the template.
        known.template = Some(Tokens(0));
    }
    Ok(known)
}

/// Returns how long the server may take to become ready, where it is waited for.
fn wait_limit(options: &Options) -> Result<Option<Duration>, Failure> {
    let Some(seconds) = options.wait_for_server else { return Ok(None) };
    let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
    let problem = || Failure::option("wait-for-server", "give a time in seconds, more than 0");
    limit.map(Some).ok_or_else(problem)
}

fn runner(
    destination: &ServerUnderTest,
    sent: &PreparedWorkload,
    transport: &ReqwestOptions,
) -> Result<Runner, Failure> {
    let backend = Arc::clone(&destination.endpoint.backend);
    let target = Target::new(backend, Arc::new(Reqwest::new(transport)?));
    let limit = output_limit::added(&destination.settings.body).filter(|_| sent.plan.task.answers_in_text());
    let target = target.with_auth(Arc::clone(&destination.endpoint.auth)).with_output_limit(limit);
    let sampler: Arc<dyn Sampler> = Arc::clone(&sent.sampler);
    Ok(Runner::new(target, sampler).counting_with(Arc::clone(&sent.tokenizer)))
}

fn transport_options(options: &Options) -> Result<ReqwestOptions, Failure> {
    let mut transport = ReqwestOptions::default();
    transport.keep_alive = !options.no_keep_alive;
    let wrong = |_| Failure::option("connect-timeout", "no time: give seconds, more than 0");
    let timeout = Duration::try_from_secs_f64(options.connect_timeout).map_err(wrong)?;
    transport.connect_timeout = Some(timeout).filter(|it| !it.is_zero());
    Ok(transport)
}
