//! One event of a streamed conversation.

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::finish;
use super::latency::WireMetrics;
use super::usage::WireUsage;
use crate::wire::lenient;
use crate::wire::stream::Progress;
use crate::wire::text::{Arguments, Text};
use crate::wire::whole;

/// A piece of a block.
#[derive(Debug, Deserialize)]
pub(super) struct WireDelta<'a> {
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
    input: Arguments<'a>,
}

/// The beginning of a block: where a tool is called, its name is there and nowhere else.
#[derive(Debug, Deserialize)]
pub(super) struct WireStart<'a> {
    #[serde(borrow)]
    start: Option<Start<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    #[serde(borrow)]
    tool_use: Option<Called<'a>>,
}

#[derive(Debug, Deserialize)]
struct Called<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
}

/// Why an answer ends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireStop<'a> {
    #[serde(borrow)]
    stop_reason: Text<'a>,
}

/// What is said of an answer after its end.
#[derive(Debug, Deserialize)]
pub(super) struct WireMetadata {
    #[serde(default, deserialize_with = "lenient::object")]
    usage: Option<WireUsage>,
    #[serde(default, deserialize_with = "lenient::object")]
    metrics: Option<WireMetrics>,
}

/// Returns what reads the events of one stream, by kind and payload: the metadata behind the reason to end is the last.
pub(super) fn reader()
-> impl FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    let mut has_stopped = false;
    move |kind, payload, events| {
        let progress = take(kind, payload, events)?;
        has_stopped |= progress == Progress::Finished;
        Ok(if has_stopped && kind == "metadata" { Progress::Closed } else { progress })
    }
}

/// Reads the event of this kind.
fn take(kind: &str, payload: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    match kind {
        "messageStart" | "contentBlockStop" => {}
        "contentBlockStart" => whole::parse::<WireStart<'_>>(payload)?.tell(events),
        "contentBlockDelta" => whole::parse::<WireDelta<'_>>(payload)?.tell(events),
        "messageStop" => return Ok(whole::parse::<WireStop<'_>>(payload)?.tell(events)),
        "metadata" => whole::parse::<WireMetadata>(payload)?.tell(events),
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

impl WireStart<'_> {
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        if let Some(called) = self.start.as_ref().and_then(|start| start.tool_use.as_ref()) {
            events.tool_call(called.name.as_str());
        }
    }
}

impl WireStop<'_> {
    pub(super) fn tell(&self, events: &mut Events<'_>) -> Progress {
        events.finished(finish::reason(self.stop_reason.as_str()));
        Progress::Finished
    }
}

impl WireMetadata {
    pub(super) fn tell(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        events.server_time(self.metrics.unwrap_or_default().into());
    }
}

impl WireDelta<'_> {
    pub(super) fn tell(&self, events: &mut Events<'_>) {
        self.delta.tell(events);
    }
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
