//! An answer in one piece.

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::usage::Counts;
use super::{error, finish_reason};
use crate::wire::text::{Arguments, Text};
use crate::wire::{fields, json};

#[derive(Debug, Deserialize)]
struct Response<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<Counts>,
}

/// Reads an answer in one piece.
pub(crate) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response<'_> = json::parse(body)?;
    if answer.kind.as_str() == "error" {
        events.failed(error::from_body(body));
        return Ok(());
    }
    let malformed = |what: &'static str| DecodeError::Malformed(what.into());
    let blocks = answer.content.ok_or_else(|| malformed("no content in the answer"))?;
    let reason = finish_reason::reason(answer.stop_reason.as_str());
    let reason = reason.ok_or_else(|| malformed("an answer that has not ended"))?;
    for block in &blocks {
        block.report(events);
    }
    if let Some(counts) = answer.usage {
        events.usage(counts.into());
    }
    events.finished(reason);
    Ok(())
}

/// A block: all of it in an answer in one piece, its beginning in a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    thinking: Text<'a>,
    /// The tool that is called.
    #[serde(borrow)]
    name: Text<'a>,
    /// What it is called with.
    #[serde(borrow)]
    input: Arguments<'a>,
}

impl Block<'_> {
    /// Reports a whole block.
    pub(super) fn report(&self, events: &mut Events<'_>) {
        self.report_start(events);
        if self.calls() {
            events.tool_call(self.input.as_str());
        }
    }

    /// Reports the beginning of a block, of which more is to come: the name of a tool is there, its input is still
    /// empty.
    pub(super) fn report_start(&self, events: &mut Events<'_>) {
        match self.kind.as_str() {
            "text" => events.text(self.text.as_str()),
            "thinking" => events.reasoning(self.thinking.as_str()),
            // There is nothing to read in it.
            "redacted_thinking" => {}
            _ if self.calls() => events.tool_call(self.name.as_str()),
            // What a tool of the server's answered is no output of the model.
            kind if kind.ends_with("_tool_result") => {}
            _ => events.skipped(),
        }
    }

    fn calls(&self) -> bool {
        matches!(self.kind.as_str(), "tool_use" | "server_tool_use" | "mcp_tool_use")
    }
}
