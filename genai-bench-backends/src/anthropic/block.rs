//! Blocks, which an answer is made of.

use genai_bench_core::event::Events;
use serde::Deserialize;
use serde_json::Value;

use crate::wire::text::Text;

/// A block: all of it in an answer in one piece, its beginning in a stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    thinking: Text<'a>,
    /// Of a call to a tool.
    input: Option<Value>,
}

impl Block<'_> {
    /// Tells of a whole block.
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        if let (true, Some(input)) = (self.calls(), &self.input) {
            events.tool_call(&input.to_string());
        }
        self.tell_beginning(events);
    }

    /// Tells of the beginning of a block, of which more is to come. The input of a tool is still empty there.
    pub(super) fn tell_beginning(&self, events: &mut Events<'_>) {
        match self.kind.as_str() {
            "text" => events.text(self.text.as_str()),
            "thinking" => events.reasoning(self.thinking.as_str()),
            // There is nothing to read in it.
            "redacted_thinking" => {}
            // What a tool of the server's answered is no output of the model.
            it if self.calls() || it.ends_with("_tool_result") => {}
            _ => events.skipped(),
        }
    }

    fn calls(&self) -> bool {
        matches!(self.kind.as_str(), "tool_use" | "server_tool_use" | "mcp_tool_use")
    }
}
