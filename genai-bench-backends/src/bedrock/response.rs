//! Conversations answered in one piece.

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::finish_reason;
use super::latency::WireMetrics;
use super::usage::WireUsage;
use crate::wire::text::{Arguments, Text};
use crate::wire::{fields, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    #[serde(borrow)]
    stop_reason: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    metrics: Option<WireMetrics>,
}

#[derive(Debug, Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: WireMessage<'a>,
}

#[derive(Debug, Deserialize)]
struct WireMessage<'a> {
    #[serde(borrow)]
    content: Vec<Block<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Reasoning<'a>>,
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning<'a> {
    #[serde(borrow)]
    reasoning_text: Option<ReasoningText<'a>>,
}

#[derive(Debug, Deserialize)]
struct ReasoningText<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ToolUse<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    input: Arguments<'a>,
}

/// Reads an answer in one piece.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Answer<'_> = json::parse(body)?;
    for block in &answer.output.message.content {
        block.tell(events);
    }
    if let Some(usage) = answer.usage {
        events.usage(usage.into());
    }
    events.server_time(answer.metrics.unwrap_or_default().into());
    events.finished(finish_reason::reason(answer.stop_reason.as_str()));
    Ok(())
}

impl Block<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        if let Some(text) = self.reasoning_content.as_ref().and_then(|it| it.reasoning_text.as_ref()) {
            events.reasoning(text.text.as_str());
        }
        if let Some(text) = &self.text {
            events.text(text.as_str());
        }
        if let Some(call) = &self.tool_use {
            events.tool_call(call.name.as_str());
            events.tool_call(call.input.as_str());
        }
        if self.reasoning_content.is_none() && self.text.is_none() && self.tool_use.is_none() {
            events.skipped();
        }
    }
}
