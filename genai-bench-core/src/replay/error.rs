//! Errors of reading and selecting recordings.

use std::path::PathBuf;
use std::time::Duration;

use super::{Skipped, TraceFormat};

/// An error of reading a recording or of selecting a part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// An unknown name of a format.
    #[error("unknown trace format '{0}': it must be one of {known}", known = TraceFormat::names())]
    Name(String),
    /// An unknown name of a unit of time.
    #[error("unknown unit of time '{0}': it must be s or ms")]
    TimeUnitName(String),
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file in no known format.
    #[error(
        "{} line {line}: unknown trace format: the file begins with '{found}'. It must begin with a line of JSON with \
         timestamp, input_length, output_length or with arrival_s, input, output; or with a header of CSV with TIMESTAMP, \
         ContextTokens, GeneratedTokens or with Timestamp, Request tokens, Response tokens", path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The first line that is not empty.
        line: u64,
        /// The beginning of that line.
        found: String,
    },
    /// A Git LFS pointer in place of the recording.
    #[error("{} is a Git LFS pointer and not the recording itself: fetch it with `git lfs pull`", path.display())]
    GitLfsPointer {
        /// The file.
        path: PathBuf,
    },
    /// Hashes that do not fit the lengths of requests.
    #[error("{} line {line}: {problem}: give the number of tokens of a block", path.display())]
    Blocks {
        /// The file.
        path: PathBuf,
        /// The first line that does not fit.
        line: u64,
        /// The problem, with the block sizes that fit.
        problem: String,
    },
    /// Times whose unit cannot be detected.
    #[error("{} line {line}: {problem}: give the unit of the times, s or ms", path.display())]
    TimeUnit {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The problem.
        problem: String,
    },
    /// A header that lacks a column.
    #[error("{} line {line}: no column '{column}', which {format} has; there are: {found}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The line of the header, from 1.
        line: u64,
        /// The expected format.
        format: TraceFormat,
        /// The missing column.
        column: &'static str,
        /// The columns of the header.
        found: String,
    },
    /// A malformed row.
    #[error("{} line {line}: {message}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The problem, and what is expected.
        message: String,
    },
    /// A file without rows.
    #[error("{} has no rows", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file whose rows are all left out.
    #[error(
        "{} has nothing to replay: all of its rows are left out ({skipped})", path.display()
    )]
    AllSkipped {
        /// The file.
        path: PathBuf,
        /// The numbers of rows by reason.
        skipped: Skipped,
    },
    /// A selection that contradicts itself.
    #[error("{field}: {problem}")]
    Selection {
        /// The field of [`Selection`](super::Selection).
        field: &'static str,
        /// The problem, and what is expected.
        problem: String,
    },
    /// A selection without requests.
    #[error("window: no request of {} arrived from {begin:?} to {end:?}: the first arrived at 0s, the last at {span:?}",
        path.display())]
    NothingSelected {
        /// The file.
        path: PathBuf,
        /// The beginning of the window.
        begin: Duration,
        /// The end of the window.
        end: Duration,
        /// The arrival time of the last request.
        span: Duration,
    },
}
