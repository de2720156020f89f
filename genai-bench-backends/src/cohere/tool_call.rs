//! Calls to tools: pieces of them in a stream, or all of them.

use genai_bench_core::backend::Events;
use serde::Deserialize;

use crate::wire::text::{Arguments, Text};

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
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        if let Some(function) = &self.function {
            events.tool_call(function.name.as_str());
            events.tool_call(function.arguments.as_str());
        }
    }
}
