//! Recorded traffic: the arrival times of requests at a real service, and the lengths of their prompts and answers.
//!
//! A [`Recording`] is read from a file in one of the published [formats](TraceFormat). A [`Selection`] chooses the part of
//! it that is sent again, and the speed.
//!
//! ```
//! use std::time::Duration;
//! use genai_bench_core::replay::{Recording, Selection};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("trace.csv");
//! # std::fs::write(&path, "TIMESTAMP,ContextTokens,GeneratedTokens\n\
//! #     2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.6805900,396,109\n")?;
//! let recording = Recording::read(&path, None)?;
//! let rows = recording.select(&Selection { speed: 2.0, ..Selection::default() })?;
//! assert_eq!(rows[1].arrival, Duration::from_secs(2)); // 4 seconds, twice as fast
//! assert_eq!(rows[1].input.0, 396);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::units::Tokens;

mod agentic;
mod azurellm;
mod bailian;
mod block_size;
mod burstgpt;
mod error;
mod fields;
mod finding;
mod format;
mod hashing;
mod jsonl;
mod read;
mod row;
mod selection;
mod settle;
mod stamp;
mod table;
mod time_unit;

pub use error::ReplayError;
pub use finding::Finding;
pub use format::TraceFormat;
pub use selection::Selection;
pub use time_unit::TraceTimeUnit;

/// The number of tokens that a hash of a recording stands for, as published with Mooncake.
pub const BLOCK: Tokens = Tokens(512);

/// Options for reading a recording. What is absent is detected from the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format.
    pub format: Option<TraceFormat>,
    /// The number of tokens that a hash stands for.
    pub block: Option<Tokens>,
    /// The unit of the times, of a format whose times are numbers.
    pub time_unit: Option<TraceTimeUnit>,
}

/// A request of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceRow {
    /// The time from the first request of the recording to this one.
    pub arrival: Duration,
    /// The length of the prompt; never 0.
    pub input: Tokens,
    /// The length of the answer; never 0 in a recording that was read from a file.
    pub output: Tokens,
    /// The hashes of the blocks of the prompt, in order. Prompts that begin with the same hashes begin with the same text.
    /// Empty where they are not recorded.
    pub hash_ids: Vec<u64>,
    /// The number of the conversation that the request belongs to. Where the file has names, conversations are numbered
    /// from 0 in the order in which they first appear.
    pub session: Option<u64>,
    /// The relation to the row before it, which is of the same session; `None` for a request that is sent at its arrival
    /// time. A request that follows another has the arrival time of the first of them.
    pub follow_up: Option<FollowUp>,
}

/// The relation of a request to the one before it in its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// The time from the end of the previous answer to this request.
    pub delay: Duration,
    /// `true` if the prompt contains the whole conversation so far, `false` if it is a message added to it.
    pub is_whole: bool,
}

/// The numbers of rows of a file that are left out, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Requests that the recorded service failed to answer: they have no response tokens.
    pub failed: u64,
    /// Requests without input tokens.
    pub no_input: u64,
    /// Requests without output tokens, which would be replayed without an output limit.
    pub no_output: u64,
}

impl Skipped {
    /// Returns the number of all rows that are left out.
    #[must_use]
    pub fn total(self) -> u64 {
        self.failed + self.no_input + self.no_output
    }

    /// Returns the reasons that occur, each with the number of rows.
    pub fn reasons(self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = [
            ("failed when recorded, 0 response tokens", self.failed),
            ("0 input tokens", self.no_input),
            ("0 output tokens", self.no_output),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0)
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> =
            self.reasons().map(|(reason, count)| format!("{count}: {reason}")).collect();
        f.write_str(&reasons.join("; "))
    }
}

/// A file of recorded traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The file that it was read from.
    pub path: PathBuf,
    /// The format of the file.
    pub format: TraceFormat,
    /// The requests in the order of their arrival, the first at 0; never empty. Requests that arrived at the same time are in
    /// the order of the file.
    pub rows: Vec<TraceRow>,
    /// The rows that were left out.
    pub skipped: Skipped,
    /// The facts about the file that change how it is replayed.
    pub findings: Vec<Finding>,
    /// The number of tokens that each of [`hash_ids`](TraceRow::hash_ids) stands for; the last of a request may stand for less.
    pub block: Tokens,
    /// SHA-256 of the file, in hexadecimal.
    pub fingerprint: String,
}

impl Recording {
    /// Returns the time from the first arrival to the last.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.rows.last().map_or(Duration::ZERO, |row| row.arrival)
    }
}

#[cfg(test)]
mod tests;
