//! An answer of chat in one piece.

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

use super::finish_reason::ResponseEnd;
use super::usage::WireUsage;
use crate::wire::content_parts::ContentParts;
use crate::wire::text::{Arguments, Text};
use crate::wire::{fields, json};

/// Reads an answer in one piece.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Response { message, finish_reason, usage, error } = json::parse(body)?;
    if finish_reason.as_str().is_empty() && error.is_none() {
        return Err(DecodeError::Malformed("an answer that has not ended".into()));
    }
    if let Some(message) = message {
        message.report(events);
    }
    ResponseEnd { finish_reason, usage, error }.report(events);
    Ok(())
}

/// An [`ResponseEnd`], and what was said before it.
#[derive(Debug, Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Message<'a> {
    /// What the model means to do with its tools.
    #[serde(borrow, default)]
    tool_plan: Text<'a>,
    #[serde(borrow, default)]
    content: ContentParts<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

impl Message<'_> {
    fn report(&self, events: &mut Events<'_>) {
        events.reasoning(self.tool_plan.as_str());
        self.content.report(events);
        self.tool_calls.iter().flatten().for_each(|it| it.report(events));
    }
}

/// A call to a tool, or a piece of it.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function<'a> {
    /// At the beginning of a call.
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
}

impl ToolCall<'_> {
    pub(super) fn report(&self, events: &mut Events<'_>) {
        if let Some(function) = &self.function {
            events.tool_call(function.name.as_str());
            events.tool_call(function.arguments.as_str());
        }
    }
}
