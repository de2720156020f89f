//! A response in one piece.

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::ending::Ending;
use crate::wire::content_parts::ContentParts;
use crate::wire::json;
use crate::wire::text::{Arguments, Text};

/// Reads a response in one piece.
pub(in super::super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let ending: Ending<'_> = json::parse(body)?;
    if !ending.is_one() {
        return Err(DecodeError::Malformed("a response that has not ended".into()));
    }
    let output: Output<'_> = json::parse(body)?;
    let has_called = output.report(events);
    ending.tell(has_called, events);
    Ok(())
}

/// What a response holds.
#[derive(Debug, Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
}

/// A message, a reasoning or a call to a tool.
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
    /// Of a tool whose input is no JSON.
    #[serde(borrow)]
    input: Arguments<'a>,
}

impl Output<'_> {
    /// Returns whether there is anything in it.
    pub(super) fn has_output(&self) -> bool {
        self.output.as_ref().is_some_and(|items| !items.is_empty())
    }

    /// Reports all of it, and returns whether a tool is called.
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
            // Where there is the reasoning itself, a summary of it is not one more output.
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
