//! What an answer is made of: pieces of it in a stream, or all of it.

use genai_bench_core::event::Events;
use serde::Deserialize;

use crate::wire::text::Text;

/// A piece of the answer, or of the thinking before it.
#[derive(Debug, Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow, default)]
    thinking: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
}

/// A piece of a call to a tool.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Debug, Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    arguments: Text<'a>,
}

impl Piece<'_> {
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        events.reasoning(self.thinking.as_str());
        events.text(self.text.as_str());
    }
}

impl ToolCall<'_> {
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        events.tool_call(self.function.as_ref().map_or("", |it| it.arguments.as_str()));
    }
}
