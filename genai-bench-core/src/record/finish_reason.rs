//! Reasons for the end of an answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The reason for the end of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model ended its answer.
    Stop,
    /// The answer reached the token limit.
    Length,
    /// The model calls a tool.
    ToolCalls,
    /// The provider filtered the rest of the answer.
    ContentFilter,
    /// The answer is complete; the provider gave no reason.
    Unstated,
    /// A reason of the provider without a counterpart here.
    Other(String),
}

impl FinishReason {
    /// The maximum length of a provider's own reason, in bytes; the rest is cut.
    const LONGEST_WORD: usize = 100;

    /// Returns the same reason, with a provider's own reason cut to [`LONGEST_WORD`](Self::LONGEST_WORD) bytes: it is
    /// written to journals and reports.
    pub(crate) fn bounded(self) -> Self {
        match self {
            Self::Other(mut word) => {
                word.truncate(word.floor_char_boundary(Self::LONGEST_WORD));
                Self::Other(word)
            }
            other => other,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Unstated => "unstated",
            Self::Other(word) => word,
        })
    }
}
