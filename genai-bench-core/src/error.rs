//! Errors of experiments and runs. The failure of one request is a [`Failure`](crate::failure::Failure).

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use crate::large_stack::panic_message;
use crate::plan::PlanError;
use crate::sampler::SampleError;

/// An error that stops an experiment before its end or prevents its start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The plan contradicts itself.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A request of a scenario cannot be sampled.
    #[error("cannot make a request for scenario {scenario}: {source}")]
    Sample {
        /// The scenario, in its canonical text.
        scenario: String,
        /// The cause.
        source: SampleError,
    },
    /// A file of the experiment folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Folder {
        /// The operation: `create`, `write`, `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file of the experiment folder is malformed.
    #[error("{}{}: {message}", path.display(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, in a line-based file.
        line: Option<usize>,
        /// The problem, and the expected content.
        message: String,
    },
    /// A folder holds no experiment, or no journals to make results from.
    #[error("{}: {problem}", path.display())]
    NoExperiment {
        /// The folder.
        path: PathBuf,
        /// The problem, and the expected content.
        problem: String,
    },
    /// A part of the harness panicked.
    #[error("the {part} panicked: {message}")]
    Panicked {
        /// The part, such as `sampler`.
        part: &'static str,
        /// The message of the panic.
        message: String,
    },
    /// A part of the harness stopped for an unknown reason.
    #[error("the {0} stopped unexpectedly")]
    Lost(&'static str),
}

impl Error {
    /// Returns a conversion from the I/O error of `action` on `path`, for `map_err`.
    pub(crate) fn from_io(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Folder { action, path: path.to_owned(), source }
    }

    /// Returns the error for a panic of `part` with this payload.
    pub(crate) fn panicked(part: &'static str, payload: &(dyn Any + Send)) -> Self {
        Self::Panicked { part, message: panic_message(payload).to_owned() }
    }
}

/// Runs `work`, which belongs to `part` of the harness, and turns a panic in it into an error.
///
/// After a panic, values that the work borrows may be in an inconsistent state: the caller must not use them.
pub(crate) fn catch_panic<T>(part: &'static str, work: impl FnOnce() -> T) -> Result<T, Error> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| Error::panicked(part, &*payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_part_and_message() {
        let number = 7;
        let message = |error: Result<(), Error>| error.unwrap_err().to_string();
        let plain = catch_panic("sampler", || panic!("plain"));
        assert_eq!(message(plain), "the sampler panicked: plain");
        let formatted = catch_panic("sampler", || panic!("number {number}"));
        assert_eq!(message(formatted), "the sampler panicked: number 7");
        let other = catch_panic("sampler", || panic::panic_any(7_u8));
        assert_eq!(message(other), "the sampler panicked: a payload that is no text");
        assert_eq!(catch_panic("sampler", || 5).ok(), Some(5));
    }
}
