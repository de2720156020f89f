//! Facts about a recording that were detected when it was read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::TraceTimeUnit;
use crate::units::Tokens;

/// A fact about a recording that changes how it is replayed. `Display` formats it as a note for users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Hashes stand for another number of tokens than is usual in the format.
    BlockSize {
        /// The number of tokens that fits the lengths of all rows.
        found: Tokens,
        /// The number of tokens that the format has.
        usual: Tokens,
    },
    /// Rows have no hash for the tokens after their last full block.
    FullBlocksOnly {
        /// The number of such rows.
        rows: u64,
        /// The number of tokens of a block.
        block: Tokens,
    },
    /// Rows have more or fewer hashes than their length needs.
    HashCounts {
        /// The number of such rows.
        rows: u64,
        /// The line of the first of them.
        first_line: u64,
        /// The number of tokens of a block.
        block: Tokens,
    },
    /// Times are read as seconds, in a format that has milliseconds.
    ReadAsSeconds {
        /// The first line whose time has a fraction.
        first_line: u64,
        /// The number of requests a second that milliseconds would mean.
        per_second: u64,
    },
    /// Requests follow one another so fast that the times may be seconds.
    FastArrivals {
        /// The mean number of requests a second.
        per_second: u64,
    },
    /// Requests follow one another so slowly that the times may be in a smaller unit.
    SlowArrivals {
        /// The unit that the times are read in.
        unit: TraceTimeUnit,
        /// The mean time between two requests, in seconds.
        gap_s: u64,
    },
    /// The names of fields that are not used.
    UnusedFields(BTreeSet<String>),
    /// The numbers of requests of other content than text, by type: text of their length is sent in their place.
    OtherContent(BTreeMap<String, u64>),
    /// Requests are sent after the previous answer of their session.
    Turns {
        /// The number of those whose prompt contains the whole conversation so far.
        whole: u64,
        /// The number of those that are messages added to the conversation so far.
        messages: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockSize { found, usual } => write!(
                f,
                "hash_ids stand for {found} tokens each, which fits the lengths of all rows; the format's {usual} tokens do \
                 not"
            ),
            Self::FullBlocksOnly { rows, block } => write!(
                f,
                "rows that have hash_ids for full blocks of {block} tokens only: {rows}; the rest of their prompts is not \
                 shared"
            ),
            Self::HashCounts { rows, first_line, block } => write!(
                f,
                "rows that have more or fewer hash_ids than blocks of {block} tokens: {rows}, the first in line \
                 {first_line}; hash_ids beyond the length are not used, and a prompt without enough of them ends \
                 with words that are not shared"
            ),
            Self::ReadAsSeconds { first_line, per_second } => write!(
                f,
                "timestamps are read as seconds: they have a fraction (line {first_line}), and as milliseconds they \
                 would mean {per_second} requests a second"
            ),
            Self::FastArrivals { per_second } => write!(
                f,
                "the recording has {per_second} requests a second on average, with timestamps in milliseconds: they may \
                 be seconds"
            ),
            Self::SlowArrivals { unit, gap_s } => write!(
                f,
                "the recording has {gap_s} s between two requests on average, with times in {unit}: they may be in a \
                 smaller unit"
            ),
            Self::UnusedFields(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                write!(f, "fields of the recording that are not used: {}", names.join(", "))
            }
            Self::OtherContent(kinds) => {
                let kinds: Vec<String> =
                    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                let kinds = kinds.join(", ");
                write!(f, "requests of other types than text are sent as text of their length: {kinds}")
            }
            Self::Turns { whole, messages } => write!(
                f,
                "requests that are sent after the previous answer of their session: {whole} as whole prompts, {messages} \
                 as messages added to the conversation (set by \"context_mode\" in a row)"
            ),
        }
    }
}
