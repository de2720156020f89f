//! Reasons for the end of an answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The answer had the length that was asked for.
    Length,
    /// The model wants a tool to be called.
    ToolCalls,
    /// The provider held the rest back.
    ContentFilter,
    /// The answer is complete; the provider did not say why it ended.
    Unstated,
    /// The provider's own word.
    Other(String),
}

impl FinishReason {
    /// The longest word of a provider that is kept, in bytes.
    const LONGEST_WORD: usize = 100;

    /// Returns the same reason, the provider's own word cut to [`LONGEST_WORD`](Self::LONGEST_WORD): it stands in journals and
    /// reports.
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
