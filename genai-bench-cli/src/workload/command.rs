//! `genai-bench workload`: its subcommands.

use std::process::ExitCode;

use super::{make, show};
use crate::failure::Failure;

/// Creates, shows and verifies workload files without sending requests.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Writes the requests of a benchmark to a file, without sending them.
    Make(Box<make::Options>),
    /// Prints the lengths of requests and answers in a workload file, and the first requests.
    Show(show::Options),
    /// Verifies that the content of a workload file matches its hash.
    Verify(show::VerifyOptions),
}

/// Runs a subcommand.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Make(options) => make::run(*options)?,
        Command::Show(options) => show::run(&options)?,
        Command::Verify(options) => show::verify(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
