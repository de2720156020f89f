//! Errors of reading datasets, and their places.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::format::KNOWN;
use super::json_problem::json_problem;

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The line, in a format that has lines.
    pub line: Option<u64>,
    /// The row, in a format whose rows are not lines.
    pub row: Option<u64>,
}

impl Place {
    /// Creates the place of a line.
    #[must_use]
    pub fn line(line: u64) -> Self {
        Self { line: Some(line), row: None }
    }

    /// Creates the place of a row.
    #[must_use]
    pub fn row(row: u64) -> Self {
        Self { line: None, row: Some(row) }
    }

    /// Creates the place of a row that begins on a line.
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

/// An error of reading a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A malformed file.
    #[error("{}{place}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The place in the file.
        place: Place,
        /// The problem, and what is expected.
        message: String,
    },
    /// A malformed row, after which further rows can be read.
    #[error("{}{place}: {message}", path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// The place in the file.
        place: Place,
        /// The problem, and what is expected.
        message: String,
    },
    /// A row without a column that was named.
    #[error("{}{place}: no column '{column}'; there are: {}", path.display(), available.join(", "))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The place of the row.
        place: Place,
        /// The column that was named.
        column: String,
        /// The columns of the row.
        available: Vec<String>,
    },
    /// A file or folder without rows that can be sent.
    #[error("{}: {message}", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// The problem.
        message: String,
    },
    /// A file whose name has no known suffix.
    #[error("{}: unknown kind of file. Known by their names are {KNOWN}; give the format of any other with --dataset-format, or file_format in a --dataset-config", path.display())]
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

    /// Returns `true` if the error is that of a single row, after which further rows can be read.
    #[must_use]
    pub fn is_bad_row(&self) -> bool {
        matches!(self, Self::BadRow { .. } | Self::NoColumn { .. })
    }

    pub(super) fn empty(path: &Path, message: impl Into<String>) -> Self {
        Self::Empty { path: path.to_owned(), message: message.into() }
    }
}

/// An error of a reader, which does not know the path of its file.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// The file is malformed, and nothing after this place can be read.
    Wrong(Place, String),
    /// A single row is malformed.
    BadRow(Place, String),
}

impl Fault {
    /// Creates the fault of a file that is malformed on line `line`.
    pub(super) fn at_line(line: u64, message: impl Into<String>) -> Self {
        Self::Wrong(Place::line(line), message.into())
    }

    /// Creates the fault of a row that begins on line `line`.
    pub(super) fn row_at_line(line: u64, message: impl Into<String>) -> Self {
        Self::BadRow(Place::line(line), message.into())
    }

    /// Returns the fault as one after which nothing can be read.
    pub(super) fn into_fatal(self) -> Self {
        match self {
            Self::BadRow(place, message) => Self::Wrong(place, message),
            other => other,
        }
    }

    /// Creates the fault of `text`, which begins at `place` and is not JSON.
    pub(super) fn json(place: Place, error: &serde_json::Error, text: &[u8]) -> Self {
        let line = place.line.map(|line| line + (error.line() as u64).saturating_sub(1));
        Self::BadRow(Place { line, ..place }, json_problem(error, text))
    }

    /// Converts the fault into the error of a file.
    pub(super) fn in_file(self, path: &Path) -> DatasetError {
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
