//! Why a recording cannot be read or replayed.

use std::path::PathBuf;
use std::time::Duration;

use super::{Skipped, TraceFormat};

/// Why a recording cannot be read or replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A name that is no format.
    #[error("no format of recordings is called '{0}': {known} are", known = TraceFormat::names())]
    Name(String),
    /// A name that is no unit of time.
    #[error("no unit of time is called '{0}': s and ms are")]
    TimeUnitName(String),
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file in no known format.
    #[error(
        "{} line {line}: this begins like no recording: '{found}'. It would be a line of JSON with timestamp, \
         input_length, output_length or with arrival_s, input, output; or a header of CSV with TIMESTAMP, \
         ContextTokens, GeneratedTokens or with Timestamp, Request tokens, Response tokens", path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The first line that is not empty.
        line: u64,
        /// How it begins.
        found: String,
    },
    /// The file that stands for a large one in a clone without Git LFS.
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
        /// What does not fit, and what would.
        problem: String,
    },
    /// Times that may be in one unit or another.
    #[error("{} line {line}: {problem}: give the unit of the times, s or ms", path.display())]
    TimeUnit {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is in doubt.
        problem: String,
    },
    /// A header that lacks a column.
    #[error("{} line {line}: no column '{column}', which {format} has; there are: {found}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The line of the header, from 1.
        line: u64,
        /// The format that it should be in.
        format: TraceFormat,
        /// What is missing.
        column: &'static str,
        /// The columns that it has.
        found: String,
    },
    /// A row that is not what it should be.
    #[error("{} line {line}: {message}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A file without rows.
    #[error("{} has no rows", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file of which no row can be sent.
    #[error(
        "{} has nothing to replay: all of its rows are left out ({skipped})", path.display()
    )]
    AllSkipped {
        /// The file.
        path: PathBuf,
        /// Why not.
        skipped: Skipped,
    },
    /// A selection that contradicts itself.
    #[error("{field}: {problem}")]
    Selection {
        /// The field of [`Selection`](super::Selection).
        field: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A selection of nothing.
    #[error("window: no request of {} came from {begin:?} to {end:?}: the first came at 0s, the last at {span:?}",
        path.display())]
    NothingSelected {
        /// The file.
        path: PathBuf,
        /// Where the window begins.
        begin: Duration,
        /// Where it ends.
        end: Duration,
        /// When the last request came.
        span: Duration,
    },
}
