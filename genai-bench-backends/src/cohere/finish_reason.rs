//! How an answer ended: the same in the last event of a stream and in one piece.

use genai_bench_core::backend::Events;

use genai_bench_core::failure::Failure;
use genai_bench_core::record::FinishReason;
use serde::Deserialize;
use serde_json::Value;

use super::usage::WireUsage;
use crate::wire::text::Text;
use crate::wire::{error, fields};

/// Why an answer ended, and what it took.
#[derive(Debug, Deserialize)]
pub(super) struct ResponseEnd<'a> {
    #[serde(borrow, default)]
    pub(super) finish_reason: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    pub(super) usage: Option<WireUsage>,
    pub(super) error: Option<Value>,
}

impl ResponseEnd<'_> {
    /// Tells how it ended. A generation that broke off is no answer.
    pub(super) fn report(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage.and_then(WireUsage::text_usage) {
            events.usage(usage);
        }
        let error = self.error.filter(|it| it.as_str() != Some(""));
        match (error, self.finish_reason.as_str()) {
            (Some(error), _) => events.failed(error::from_value(&error)),
            (None, word @ ("ERROR" | "TIMEOUT")) => {
                events.failed(Failure::in_band(format!("{word}, for no reason given")));
            }
            (None, "") => events.done(),
            (None, word) => events.finished(finish_reason(word)),
        }
    }
}

/// The reason under its common name.
fn finish_reason(word: &str) -> FinishReason {
    match word {
        "COMPLETE" | "STOP_SEQUENCE" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "TOOL_CALL" => FinishReason::ToolCalls,
        other => FinishReason::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_common_name() {
        let told = |word: &str| finish_reason(word).to_string();
        let named = ["COMPLETE", "STOP_SEQUENCE", "MAX_TOKENS", "TOOL_CALL", "NEW"].map(told);
        assert_eq!(named, ["stop", "stop", "length", "tool_calls", "NEW"]);
    }
}
