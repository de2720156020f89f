//! One event of a streamed conversation.

use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::error;
use super::usage::WireUsage;
use crate::wire::eventstream::Message;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

#[derive(Debug, Deserialize)]
struct WireDelta<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delta<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Reasoning<'a>>,
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
}

/// A piece of reasoning, or its signature, or what of it is not to be read.
#[derive(Debug, Deserialize)]
struct Reasoning<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct ToolUse<'a> {
    #[serde(borrow, default)]
    input: Text<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStop<'a> {
    #[serde(borrow)]
    stop_reason: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct WireMetadata {
    usage: Option<WireUsage>,
}

/// Reads one message of a stream.
pub(super) fn take(message: Message<'_>, events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let kind = |name| message.text(name).unwrap_or_default();
    match kind(":message-type") {
        "event" => event(kind(":event-type"), message.payload(), events),
        "exception" => {
            events.failed(error::exception(kind(":exception-type"), message.payload()));
            Ok(Progress::Closed)
        }
        "error" => {
            events.failed(error::inside(message.text(":error-code"), message.text(":error-message")));
            Ok(Progress::Closed)
        }
        _ => {
            events.skipped();
            Ok(Progress::More)
        }
    }
}

fn event(kind: &str, payload: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    match kind {
        "messageStart" | "contentBlockStart" | "contentBlockStop" => {}
        "contentBlockDelta" => parse::<WireDelta<'_>>(payload)?.delta.tell(events),
        "messageStop" => {
            events.finished(finish_reason(parse::<WireStop<'_>>(payload)?.stop_reason.as_str()));
            return Ok(Progress::Finished);
        }
        "metadata" => {
            if let Some(usage) = parse::<WireMetadata>(payload)?.usage {
                events.usage(usage.into());
            }
        }
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

/// Reads a payload. It is whole: what is missing in it will not come.
fn parse<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(payload).map_err(|it| DecodeError::Malformed(it.to_string().into()))
}

impl Delta<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        if let Some(reasoning) = &self.reasoning_content {
            events.reasoning(reasoning.text.as_str());
        }
        if let Some(text) = &self.text {
            events.text(text.as_str());
        }
        if let Some(call) = &self.tool_use {
            events.tool_call(call.input.as_str());
        }
        if self.reasoning_content.is_none() && self.text.is_none() && self.tool_use.is_none() {
            // A citation, a picture, or what is newer than this.
            events.skipped();
        }
    }
}

/// The reason under its common name.
pub(super) fn finish_reason(word: &str) -> FinishReason {
    match word {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "guardrail_intervened" | "content_filtered" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}
