//! How a response ended: the same at the end of a stream and in one piece.

use genai_bench_core::event::{Events, FinishReason};
use serde::Deserialize;
use serde_json::Value;

use super::super::usage::WireUsage;
use crate::wire::text::Text;
use crate::wire::{error, fields};

/// A response without what was said in it.
#[derive(Debug, Deserialize)]
pub(super) struct Ending<'a> {
    #[serde(borrow, default)]
    status: Text<'a>,
    #[serde(borrow)]
    incomplete_details: Option<Incomplete<'a>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Incomplete<'a> {
    #[serde(borrow, default)]
    reason: Text<'a>,
}

impl Ending<'_> {
    /// Whether the response has ended, well or not.
    pub(super) fn is_one(&self) -> bool {
        self.error.as_ref().is_some_and(error::is_error)
            || matches!(self.status.as_str(), "completed" | "incomplete" | "failed" | "cancelled")
    }

    /// Tells how it ended, of a response that did or did not call a tool.
    pub(super) fn tell(self, called: bool, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        if let Some(error) = self.error.as_ref().filter(|error| error::is_error(error)) {
            return events.failed(error::from_value(error));
        }
        let reason = self.incomplete_details.as_ref().map_or("", |it| it.reason.as_str());
        match (self.status.as_str(), reason) {
            ("failed", _) => {
                events.failed(error::from_value(&"the response failed, for no reason given".into()))
            }
            (_, "max_output_tokens") => events.finished(FinishReason::Length),
            (_, "content_filter") => events.finished(FinishReason::ContentFilter),
            ("completed", _) if called => events.finished(FinishReason::ToolCalls),
            ("completed", _) => events.finished(FinishReason::Stop),
            (status, "") => events.finished(FinishReason::Other(status.to_owned())),
            (_, other) => events.finished(FinishReason::Other(other.to_owned())),
        }
    }
}
