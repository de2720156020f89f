//! `genai-bench benchmark`: resolves what was asked for, runs it, and shows what came of it.

use std::process::ExitCode;
use std::sync::Arc;

use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::experiment::Folder;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::{Experiment, Runner};
use genai_bench_core::target::Target;

use self::destination::Destination;
use self::workload::Workload;
use crate::failure::Failure;

mod destination;
mod interrupt;
mod options;
mod place;
mod preflight;
mod progress;
mod summary;
mod truth;
mod workload;

pub(crate) use options::Options;

/// Exit code of a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Runs the benchmark.
pub(crate) fn run(options: Options) -> Result<ExitCode, Failure> {
    let options = options.with_defaults()?;
    let plan = Plan::try_from(options.spec())?;
    let workload = workload::build(&options)?;
    let destination = destination::build(&options)?;
    // One thread stamps bytes; drawing requests and writing the journal have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Failure::System(format!("cannot start the event loop: {it}")))?;

    let mut transport = transport_options(&options)?;
    let mut runner = runner(&destination, &workload, &transport)?;
    if !options.skip_preflight {
        let keeps =
            runtime.block_on(preflight::keeps_connections(&runner, &plan, &destination.endpoint.address))?;
        if transport.keep_alive && !keeps {
            eprintln!(
                "note: the server closes its connections: every request opens one, and its time includes that"
            );
            transport.keep_alive = false;
            runner = self::runner(&destination, &workload, &transport)?;
        }
    }
    let (path, metadata) = place::of(&options, &plan, &destination)?;
    let folder = Folder::create(&path, &metadata).map_err(|it| Failure::option("experiment-base-dir", it))?;
    let truth = destination.simulator.map(truth::Truth::of);
    let observer = progress::observer(plan.runs().len(), truth.clone());
    let runner = runner.writing_to(folder).observed_by(observer);
    let experiment: Experiment = runtime.block_on(async {
        let _watch = interrupt::watch(runner.stopper());
        runner.run(&plan).await
    })?;
    summary::print(&experiment, truth.as_ref(), &path);
    Ok(if experiment.interrupted { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS })
}

fn runner(
    destination: &Destination,
    workload: &Workload,
    transport: &ReqwestOptions,
) -> Result<Runner, Failure> {
    let backend = Arc::clone(&destination.endpoint.backend);
    let target = Target::new(backend, Arc::new(Reqwest::new(transport)?));
    let target = target.with_auth(Arc::clone(&destination.endpoint.auth));
    let runner = Runner::new(target, Arc::clone(&workload.sampler));
    Ok(runner.counting_with(Arc::clone(&workload.tokenizer)))
}

fn transport_options(options: &Options) -> Result<ReqwestOptions, Failure> {
    let mut transport = ReqwestOptions::default();
    transport.keep_alive = !options.no_keep_alive;
    let wrong = |_| Failure::option("connect-timeout", "no time: give seconds, more than 0");
    let timeout = std::time::Duration::try_from_secs_f64(options.connect_timeout).map_err(wrong)?;
    transport.connect_timeout = Some(timeout).filter(|it| !it.is_zero());
    Ok(transport)
}
