//! A row of a recording before its times are converted.

use super::stamp::Stamp;

/// A row of a recording, with times in the unit of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// The line of the file, from 1.
    pub(super) line: u64,
    pub(super) time: RowTime,
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) hash_ids: Vec<u64>,
    pub(super) session: Option<u64>,
}

/// The time of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RowTime {
    /// A date and time.
    Date(Stamp),
    /// A number of seconds or milliseconds.
    Number(f64),
    /// A time after the answer to the previous row of its session.
    AfterAnswer {
        /// The time after that answer, in the unit of the file.
        delay: f64,
        /// `true` if the prompt contains the whole conversation so far, `false` if it is a message added to it.
        is_whole: bool,
    },
}
