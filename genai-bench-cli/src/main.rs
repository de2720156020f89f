//! The `genai-bench` command: parses, calls one library function a subcommand, and turns what comes back into
//! an exit code.

use std::process::ExitCode;

use clap::Parser;

mod arguments;
mod auth;
mod backend_options;
mod backends;
mod benchmark;
mod console;
mod failure;
mod load_options;
mod log_file;
mod option_values;
mod rebuild;
mod redact;
mod simulate;
mod workload;

/// Benchmarks LLM serving systems, token by token.
#[derive(Debug, Parser)]
#[command(name = "genai-bench", version, max_term_width = 100, args_override_self = true)]
enum Command {
    /// Puts load on a server and reports what came back, when.
    Benchmark(Box<benchmark::Options>),
    /// Serves an OpenAI-compatible API with known latencies, and the truth about them at /truth.
    Simulate(Box<simulate::Options>),
    /// Makes, shows and checks workloads without sending them.
    #[command(subcommand)]
    Workload(workload::Command),
    /// Says who requests would come from, and tries it.
    #[command(subcommand)]
    Auth(auth::Command),
    /// Lists the backends of this build, their tasks, keys and options.
    Backends(backends::Options),
    /// Makes the result files of an experiment from its journal, after a crash.
    Rebuild(rebuild::Options),
}

fn main() -> ExitCode {
    match arguments::parse().and_then(run) {
        Ok(code) => code,
        Err(failure) => {
            console::error(&failure);
            failure.exit_code()
        }
    }
}

/// Runs a command.
fn run(command: Command) -> Result<ExitCode, failure::Failure> {
    match command {
        Command::Benchmark(options) => benchmark::run(*options),
        Command::Simulate(options) => simulate::run(&options),
        Command::Workload(command) => workload::run(command),
        Command::Auth(auth::Command::Check(options)) => auth::check(&options),
        Command::Backends(options) => backends::run(&options),
        Command::Rebuild(options) => rebuild::run(&options),
    }
}
