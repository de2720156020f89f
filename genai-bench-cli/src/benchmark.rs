//! `genai-bench benchmark`: resolves the options, runs the experiment and prints its summary.

use std::process::ExitCode;

use tracing::info;

use self::run_log::RunLog;
use self::setup::Setup;
use self::simulator_check::SimulatorCheck;
use crate::console::note;
use crate::failure::Failure;
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
mod setup;
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
    options.python_tool.note_unused(options.results.log_dir.is_some());
    let mut setup = Setup::new(options)?;
    // One thread stamps bytes; drawing requests and writing the journal have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::System(format!("cannot start the event loop: {error}")))?;

    // Before anything is sent or written: without credentials there is nothing to measure.
    let identity = runtime.block_on(setup.server.endpoint.auth.identity())?;
    runtime.block_on(setup.try_server())?;
    if !output_limit::is_given(&setup.workload, &setup.server.settings.body)? {
        note(output_limit::NOTE);
    }
    let (path, metadata) = output_folder::choose(&setup, &identity)?;
    let folder = output_folder::create(&setup.options, &path, &metadata)?;
    info!("results go to {}", path.display());
    let plan = &setup.workload.plan;
    let check = setup.server.simulator.clone().map(SimulatorCheck::new);
    let runs = plan.runs().len();
    let observer = RunLog::new(progress::observer(runs, check.clone()));
    let runner = setup.runner()?.with_template(setup.template).with_folder(folder).with_observer(observer);
    let (experiment, signal) = runtime.block_on(async {
        let (watch, stopped) = interrupt::watch();
        (runner.with_graceful_shutdown(stopped).run(plan).await, watch.received())
    });
    let experiment = experiment?;
    info!("ended after {} of {runs} runs; results are in {}", experiment.runs.len(), path.display());
    summary::print(&experiment, plan.seed, check.as_ref(), &path);
    Ok(exit_code::exit_code(plan, &experiment, signal))
}
