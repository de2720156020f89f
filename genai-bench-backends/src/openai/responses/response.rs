//! Unstreamed responses.

use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::FinishReason;
use serde::Deserialize;
use serde_json::Value;

use super::super::usage::WireUsage;
use crate::wire::content_parts::ContentParts;
use crate::wire::text::{Arguments, Text};
use crate::wire::{error, fields, json};

/// Reads an unstreamed response.
pub(in super::super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let ending: ResponseEnd<'_> = json::parse(body)?;
    if !ending.is_one() {
        return Err(DecodeError::Malformed("a response that has not ended".into()));
    }
    let output: Output<'_> = json::parse(body)?;
    let has_called = output.report(events);
    ending.report(has_called, events);
    Ok(())
}

/// The output of a response.
#[derive(Debug, Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
}

/// A message, a reasoning or a tool call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    content: ContentParts<'a>,
    #[serde(borrow)]
    summary: ContentParts<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
    /// The input of a tool whose input is no JSON.
    #[serde(borrow)]
    input: Arguments<'a>,
}

impl Output<'_> {
    /// Returns `true` if there is any output.
    pub(super) fn has_output(&self) -> bool {
        self.output.as_ref().is_some_and(|items| !items.is_empty())
    }

    /// Reports the output. Returns `true` if a tool is called.
    pub(super) fn report(&self, events: &mut Events<'_>) -> bool {
        self.output.iter().flatten().for_each(|item| item.report(events));
        self.output.iter().flatten().any(Item::is_call)
    }
}

impl Item<'_> {
    /// Returns the name of the tool that it calls.
    pub(super) fn called_name(&self) -> Option<&str> {
        self.is_call().then(|| self.name.as_str()).filter(|name| !name.is_empty())
    }

    fn is_call(&self) -> bool {
        matches!(self.kind.as_str(), "function_call" | "custom_tool_call" | "mcp_call")
    }

    fn report(&self, events: &mut Events<'_>) {
        match self.kind.as_str() {
            "message" => self.content.report(events),
            // Where the reasoning itself is present, its summary is not further output.
            "reasoning" if self.content.is_empty() => self.summary.report_reasoning(events),
            "reasoning" => self.content.report_reasoning(events),
            _ if self.is_call() => {
                events.tool_call(self.name.as_str());
                events.tool_call(self.arguments.as_str());
                events.tool_call(self.input.as_str());
            }
            _ => events.skipped(),
        }
    }
}

/// The fields of a response other than its output.
#[derive(Debug, Deserialize)]
pub(super) struct ResponseEnd<'a> {
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

impl ResponseEnd<'_> {
    /// Returns `true` if the response has ended, successfully or not.
    pub(super) fn is_one(&self) -> bool {
        self.error.as_ref().is_some_and(error::is_error)
            || matches!(self.status.as_str(), "completed" | "incomplete" | "failed" | "cancelled")
    }

    /// Reports the usage and the end of the response. `called`: a tool was called.
    pub(super) fn report(self, called: bool, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        if let Some(error) = self.error.as_ref().filter(|error| error::is_error(error)) {
            return events.failed(error::from_value(error));
        }
        let reason = self.incomplete_details.as_ref().map_or("", |it| it.reason.as_str());
        match (self.status.as_str(), reason) {
            ("failed", _) => {
                events.failed(error::from_value(&"the response failed, for no reason given".into()));
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
