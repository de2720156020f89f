//! The `genai-bench` command: parses the arguments, runs one subcommand and returns its exit code.

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
    /// Sends load to a server and reports latencies, throughput and failures.
    Benchmark(Box<benchmark::Options>),
    /// Serves a simulated OpenAI-compatible API with known latencies; the true times are at /truth.
    Simulate(Box<simulate::Options>),
    /// Creates, shows and verifies workload files without sending requests.
    #[command(subcommand)]
    Workload(workload::Command),
    /// Shows which credentials requests use, and tests them.
    #[command(subcommand)]
    Auth(auth::Command),
    /// Lists the backends of this build with their tasks, API keys and options.
    Backends(backends::Options),
    /// Rebuilds the result files of an experiment from its journals, such as after a crash.
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
