//! Conversations answered in one piece.

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::ServerTime;
use serde::Deserialize;

use super::finish_reason;
use super::usage::WireUsage;
use crate::wire::fields::{self, Number};
use crate::wire::json;
use crate::wire::text::{Arguments, Text};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
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
    let answer: Response<'_> = json::parse(body)?;
    for block in &answer.output.message.content {
        block.report(events);
    }
    if let Some(usage) = answer.usage {
        events.usage(usage.into());
    }
    events.server_time(answer.metrics.unwrap_or_default().into());
    events.finished(finish_reason::reason(answer.stop_reason.as_str()));
    Ok(())
}

impl Block<'_> {
    fn report(&self, events: &mut Events<'_>) {
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

/// `metrics` of Converse.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMetrics {
    latency_ms: Number,
}

impl From<WireMetrics> for ServerTime {
    fn from(wire: WireMetrics) -> Self {
        Self::in_ms(None, wire.latency_ms.get())
    }
}

/// What the head of an answer in one piece says, of a model that was invoked.
pub(super) fn server_time_in_head(head: &http::response::Parts) -> ServerTime {
    let told = |name| head.headers.get(name)?.to_str().ok()?.trim().parse().ok();
    ServerTime::in_ms(None, told("x-amzn-bedrock-invocation-latency"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_is_in_the_metrics_and_in_the_head() {
        let metrics: WireMetrics = serde_json::from_str(r#"{"latencyMs": 120}"#).unwrap();
        assert_eq!(ServerTime::from(metrics).total, Some(Duration::from_millis(120)));
        let head = |it: &str| {
            let response = http::Response::builder().header("X-Amzn-Bedrock-Invocation-Latency", it);
            server_time_in_head(&response.body(()).unwrap().into_parts().0)
        };
        assert_eq!(head("85").total, Some(Duration::from_millis(85)));
        assert!(head("soon").is_unknown());
    }
}
