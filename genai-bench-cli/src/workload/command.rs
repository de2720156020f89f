//! `genai-bench workload`.

use std::process::ExitCode;

use super::{make, show};
use crate::failure::Failure;

/// Makes, shows and checks workloads without sending them.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Writes what a benchmark would send into a file.
    Make(Box<make::Options>),
    /// Prints how long requests and answers are, and the first of them.
    Show(show::Options),
    /// Checks that a workload is the one that was locked.
    Verify(show::VerifyOptions),
}

/// Does what was asked for.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Make(options) => make::run(*options)?,
        Command::Show(options) => show::run(&options)?,
        Command::Verify(options) => show::verify(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
