//! What can be wrong with a dataset, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::format::KNOWN;
use super::json_problem::json_problem;

/// A place in a file, as exactly as its format has places. Counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The line, in a format that has lines.
    pub line: Option<u64>,
    /// The row, in a format whose rows are not lines.
    pub row: Option<u64>,
}

impl Place {
    /// A line.
    #[must_use]
    pub fn line(line: u64) -> Self {
        Self { line: Some(line), row: None }
    }

    /// A row.
    #[must_use]
    pub fn row(row: u64) -> Self {
        Self { line: None, row: Some(row) }
    }

    /// A row that begins on a line.
    #[must_use]
    pub fn row_on_line(row: u64, line: u64) -> Self {
        Self { line: Some(line), row: Some(row) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.row) {
            (Some(line), Some(row)) => write!(to, " line {line}, row {row}"),
            (Some(line), None) => write!(to, " line {line}"),
            (None, Some(row)) => write!(to, " row {row}"),
            (None, None) => Ok(()),
        }
    }
}

/// Why a dataset cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The operating system does not give the file.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{}{place}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A single row is not what it should be; the rows after it can be read.
    #[error("{}{place}: {message}", path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A row has no column of a name that was asked for.
    #[error("{}{place}: no column '{column}'; there are: {}", path.display(), available.join(", "))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The row.
        place: Place,
        /// What was asked for.
        column: String,
        /// What there is.
        available: Vec<String>,
    },
    /// There is nothing in it.
    #[error("{}: {message}", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// What there would have to be.
        message: String,
    },
    /// The name does not say what kind of file it is.
    #[error("{}: what kind of file is this? Known by their names are {KNOWN}; any other needs its format: --dataset-format, or file_format in a --dataset-config", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
}

impl DatasetError {
    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn malformed(path: &Path, place: Place, message: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), place, message: message.into() }
    }

    pub(super) fn bad_row(path: &Path, place: Place, message: impl Into<String>) -> Self {
        Self::BadRow { path: path.to_owned(), place, message: message.into() }
    }

    /// Returns whether the error is that of a single row, so that the rows after it can be read.
    #[must_use]
    pub fn is_bad_row(&self) -> bool {
        matches!(self, Self::BadRow { .. } | Self::NoColumn { .. })
    }

    pub(super) fn empty(path: &Path, message: impl Into<String>) -> Self {
        Self::Empty { path: path.to_owned(), message: message.into() }
    }
}

/// What a reader finds wrong: a reader does not know which file it reads.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// The file is broken: nothing after this place can be read.
    Wrong(Place, String),
    /// A single row is broken.
    BadRow(Place, String),
}

impl Fault {
    pub(super) fn at_line(line: u64, message: impl Into<String>) -> Self {
        Self::Wrong(Place::line(line), message.into())
    }

    /// Creates the fault of a row that begins on line `line`.
    pub(super) fn row_at_line(line: u64, message: impl Into<String>) -> Self {
        Self::BadRow(Place::line(line), message.into())
    }

    /// Returns the same fault as one that ends the file.
    pub(super) fn of_the_file(self) -> Self {
        match self {
            Self::BadRow(place, message) => Self::Wrong(place, message),
            other => other,
        }
    }

    /// Creates the fault of `text`, which begins at `place` and is not JSON.
    pub(super) fn json(place: Place, error: &serde_json::Error, text: &[u8]) -> Self {
        let line = place.line.map(|it| it + (error.line() as u64).saturating_sub(1));
        Self::BadRow(Place { line, ..place }, json_problem(error, text))
    }

    pub(super) fn of(self, path: &Path) -> DatasetError {
        match self {
            Self::Io(source) => DatasetError::read(path, source),
            Self::Wrong(place, message) => DatasetError::malformed(path, place, message),
            Self::BadRow(place, message) => DatasetError::bad_row(path, place, message),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
