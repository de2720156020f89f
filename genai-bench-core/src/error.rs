//! Why a run could not happen. What goes wrong with one request is a [`Failure`](crate::failure::Failure).

use std::path::PathBuf;

use crate::plan::PlanError;
use crate::sampler::SampleError;

/// Why an experiment stopped before its end, or did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The plan contradicts itself.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A request of the wanted shape cannot be made.
    #[error("cannot make a request for scenario {scenario}: {source}")]
    Sample {
        /// The scenario, in its canonical text.
        scenario: String,
        /// Why not.
        source: SampleError,
    },
    /// A file of the experiment folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Folder {
        /// What was tried: `create`, `write`, `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file of the experiment folder is not what it should be.
    #[error("{}{}: {message}", path.display(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, in a file of lines.
        line: Option<usize>,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A part of the harness is gone: its thread panicked.
    #[error("the {0} stopped unexpectedly")]
    Lost(&'static str),
}
