//! Recorded traffic: when requests came to a real service, and how long they and their answers were.
//!
//! A [`Recording`] is read from a file in one of the published [formats](TraceFormat), and a [`Selection`] says
//! which part of it is sent again, and how fast.
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

/// How many tokens a hash of a recording stands for, as published with Mooncake.
pub const BLOCK: Tokens = Tokens(512);

/// What is known of a file before it is read; the rest is found out from the file.
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
    /// When it came, from the first request of the recording on.
    pub arrival: Duration,
    /// How long it was; never 0.
    pub input: Tokens,
    /// How long its answer was; never 0 in a recording that was read from a file.
    pub output: Tokens,
    /// A number for each block of the request, from its beginning on. Requests that begin with the same numbers
    /// begin with the same text. Empty where this is not recorded.
    pub hash_ids: Vec<u64>,
    /// Requests with the same number belong to one conversation. Numbered from 0, as they first appear in the file,
    /// where the file has names.
    pub session: Option<u64>,
    /// How it follows the row before it, which is of the same session; `None` for a request that is sent at its
    /// arrival. One that follows has the arrival of the first of them.
    pub follow_up: Option<FollowUp>,
}

/// How a request follows the one before it in its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// The time from the answer before it to this request.
    pub delay: Duration,
    /// `true` where the prompt holds all that was said before, `false` where it is a message that is added to it.
    pub is_whole: bool,
}

/// How many rows of a file are left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Requests that the recorded service failed to answer: no tokens came back.
    pub failed: u64,
    /// Requests without any tokens.
    pub no_input: u64,
    /// Requests without a token of output: a request that is sent again would have no limit.
    pub no_output: u64,
}

impl Skipped {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.failed + self.no_input + self.no_output
    }

    /// The reasons for which rows are left out, each with the number of rows.
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
    /// Where it was read from.
    pub path: PathBuf,
    /// What it is.
    pub format: TraceFormat,
    /// The requests, one at least, in the order of their arrival, the first at 0. Those that came at the same time
    /// are in the order of the file.
    pub rows: Vec<TraceRow>,
    /// What was left out.
    pub skipped: Skipped,
    /// What was found out, decided or left aside when it was read, for people.
    pub findings: Vec<Finding>,
    /// How many tokens each of [`hash_ids`](TraceRow::hash_ids) stands for; the last of a request may stand for less.
    pub block: Tokens,
    /// SHA-256 of the file, in hexadecimal.
    pub fingerprint: String,
}

impl Recording {
    /// The time from the first arrival to the last.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.rows.last().map_or(Duration::ZERO, |it| it.arrival)
    }
}

#[cfg(test)]
mod tests;
