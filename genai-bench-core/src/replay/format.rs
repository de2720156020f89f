//! The formats of recordings, and their detection by the first line.

use std::fmt;
use std::str::FromStr;

use super::{BLOCK, ReplayError, TraceTimeUnit};
use crate::units::Tokens;

/// The fields that only Mooncake traces of agents have.
pub(super) const AGENTIC: [&str; 9] = [
    "session_id",
    "delay",
    "context_mode",
    "message_mode",
    "messages",
    "text_input",
    "payload",
    "tools",
    "extra",
];

/// A format of recordings.
///
/// ```
/// use genai_bench_core::replay::TraceFormat;
///
/// assert_eq!("mooncake".parse::<TraceFormat>()?, TraceFormat::Mooncake);
/// assert_eq!(TraceFormat::BurstGpt.to_string(), "burstgpt");
/// # Ok::<(), genai_bench_core::replay::ReplayError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceFormat {
    /// `mooncake`: JSON Lines with `timestamp` in milliseconds, `input_length`, `output_length`, and `hash_ids` if
    /// blocks are recorded (Qin et al., "Mooncake", 2024). A hash stands for 512 tokens.
    Mooncake,
    /// `mooncake-agentic`: the same with `session_id`, and `delay`, the milliseconds from the previous answer of the session
    /// to this request, as in the traces of agents that tools for Mooncake traces replay. The first request of a session has
    /// a `timestamp`.
    MooncakeAgentic,
    /// `bailian`: JSON Lines with `chat_id`, `parent_chat_id` (-1 for the first of a conversation), `timestamp` in
    /// seconds, `input_length`, `output_length`, `type`, `turn`, and `hash_ids` that stand for 16 tokens each (Wang et
    /// al., "KVCache Cache in the Wild", 2025). Each row is a whole request and is sent at its time.
    Bailian,
    /// `azurellm`: CSV with `TIMESTAMP`, a date and time with or without a zone, `ContextTokens` and
    /// `GeneratedTokens` (Patel et al., "Splitwise", 2023; Stojkovic et al., "DynamoLLM", 2024).
    AzureLlm,
    /// `burstgpt`: CSV with `Timestamp` in seconds, `Request tokens`, `Response tokens`, and `Session ID` in later
    /// files (Wang et al., "BurstGPT", 2024). A request without response tokens failed.
    BurstGpt,
    /// `plain`: JSON Lines with `arrival_s`, `input`, `output`, and optionally `hash_ids` and `session`, a number.
    Plain,
}

impl TraceFormat {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Mooncake, Self::MooncakeAgentic, Self::Bailian, Self::AzureLlm, Self::BurstGpt, Self::Plain];

    /// Returns the name of the format in options and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mooncake => "mooncake",
            Self::MooncakeAgentic => "mooncake-agentic",
            Self::Bailian => "bailian",
            Self::AzureLlm => "azurellm",
            Self::BurstGpt => "burstgpt",
            Self::Plain => "plain",
        }
    }

    /// Returns the names of all formats, for errors.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Returns the usual number of tokens that a hash stands for.
    pub(super) const fn usual_block(self) -> Tokens {
        match self {
            Self::Bailian => Tokens(16),
            _ => BLOCK,
        }
    }

    /// Returns the unit of the times; `None` where they are dates.
    pub(super) const fn time_unit(self) -> Option<TraceTimeUnit> {
        match self {
            Self::Mooncake | Self::MooncakeAgentic => Some(TraceTimeUnit::Milliseconds),
            Self::Bailian | Self::BurstGpt | Self::Plain => Some(TraceTimeUnit::Seconds),
            Self::AzureLlm => None,
        }
    }

    /// Detects the format of a file by its first line. One field that only this format has is enough, so that other fields
    /// that are missing are reported by name.
    pub(super) fn from_first_line(line: &str) -> Option<Self> {
        if line.trim_start().starts_with('{') { Self::from_json(line) } else { Self::from_header(line) }
    }

    fn from_json(line: &str) -> Option<Self> {
        if has_field(line, &["arrival_s"]) {
            Some(Self::Plain)
        } else if has_field(line, &["parent_chat_id"]) {
            Some(Self::Bailian)
        } else if has_field(line, &["input_length", "output_length", "hash_ids"]) {
            Some(if has_field(line, &AGENTIC) { Self::MooncakeAgentic } else { Self::Mooncake })
        } else {
            None
        }
    }

    fn from_header(line: &str) -> Option<Self> {
        if has_column(line, &["TIMESTAMP", "ContextTokens", "GeneratedTokens"]) {
            Some(Self::AzureLlm)
        } else if has_column(line, &["Request tokens", "Response tokens", "Log Type"]) {
            Some(Self::BurstGpt)
        } else {
            None
        }
    }
}

/// Returns `true` if a line of JSON has one of the fields.
fn has_field(line: &str, fields: &[&str]) -> bool {
    fields.iter().any(|field| line.contains(&format!("\"{field}\"")))
}

/// Returns `true` if a header of CSV has one of the columns.
fn has_column(line: &str, columns: &[&str]) -> bool {
    line.split(',').any(|name| columns.contains(&name.trim().trim_matches('"')))
}

impl fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TraceFormat {
    type Err = ReplayError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name));
        known.ok_or_else(|| ReplayError::Name(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_detected_by_first_line_and_name() {
        let cases = [
            (
                r#"{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": [0]}"#,
                TraceFormat::Mooncake,
            ),
            (
                r#"{"session_id": "a", "timestamp": 0, "input_length": 1, "output_length": 1}"#,
                TraceFormat::MooncakeAgentic,
            ),
            (
                r#"{"chat_id": 1, "parent_chat_id": -1, "timestamp": 0.5, "input_length": 1, "output_length": 1}"#,
                TraceFormat::Bailian,
            ),
            ("TIMESTAMP,ContextTokens,GeneratedTokens", TraceFormat::AzureLlm),
            ("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type", TraceFormat::BurstGpt),
            (r#"{"arrival_s": 0.5, "input": 1, "output": 1}"#, TraceFormat::Plain),
        ];
        for (line, format) in cases {
            assert_eq!(TraceFormat::from_first_line(line), Some(format));
            assert_eq!(format.name().parse::<TraceFormat>().unwrap(), format);
        }
        for line in ["", "prompt,answer", r#"{"prompt": "input"}"#, "[{\"arrival_s\": 1}]"] {
            assert_eq!(TraceFormat::from_first_line(line), None, "{line}");
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_known_ones() {
        let error = "sharegpt".parse::<TraceFormat>().unwrap_err().to_string();
        assert!(
            error.ends_with(
                "'sharegpt': it must be one of mooncake, mooncake-agentic, bailian, azurellm, burstgpt, plain"
            ),
            "{error}"
        );
    }
}
