//! One event of a streamed conversation.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::response::WireMetrics;
use super::usage::WireUsage;
use super::{error, finish_reason};
use crate::wire::eventstream::{EventStream, Message};
use crate::wire::stream::{self, Progress};
use crate::wire::text::{Arguments, Text};
use crate::wire::{fields, json};

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
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    metrics: Option<WireMetrics>,
}

/// Returns what reads the events of one stream, by kind and payload: the metadata behind the reason to end is the last.
pub(super) fn reader()
-> impl FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    let mut has_stopped = false;
    move |kind, payload, events| {
        let progress = read_event(kind, payload, events)?;
        has_stopped |= progress == Progress::Finished;
        Ok(if has_stopped && kind == "metadata" { Progress::Closed } else { progress })
    }
}

/// Reads the event of this kind.
fn read_event(kind: &str, payload: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    match kind {
        "messageStart" | "contentBlockStop" => {}
        "contentBlockStart" => json::parse::<WireStart<'_>>(payload)?.report(events),
        "contentBlockDelta" => json::parse::<WireDelta<'_>>(payload)?.report(events),
        "messageStop" => return Ok(json::parse::<WireStop<'_>>(payload)?.report(events)),
        "metadata" => json::parse::<WireMetadata>(payload)?.report(events),
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

impl WireStart<'_> {
    pub(super) fn report(&self, events: &mut Events<'_>) {
        if let Some(called) = self.start.as_ref().and_then(|start| start.tool_use.as_ref()) {
            events.tool_call(called.name.as_str());
        }
    }
}

impl WireStop<'_> {
    pub(super) fn report(&self, events: &mut Events<'_>) -> Progress {
        events.finished(finish_reason::reason(self.stop_reason.as_str()));
        Progress::Finished
    }
}

impl WireMetadata {
    pub(super) fn report(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        events.server_time(self.metrics.unwrap_or_default().into());
    }
}

impl WireDelta<'_> {
    pub(super) fn report(&self, events: &mut Events<'_>) {
        self.delta.report(events);
    }
}

impl Delta<'_> {
    fn report(&self, events: &mut Events<'_>) {
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

/// Reads a streamed answer, whose events are read by `F`, by kind and payload. Errors are the same in all streams.
///
/// It is complete when the model has said why it ends, and the stream ends where a message does.
#[derive(Debug)]
pub(super) struct StreamDecoder<F> {
    stream: EventStream,
    read_event: F,
    progress: Progress,
}

impl<F> StreamDecoder<F>
where
    F: FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
{
    /// A decoder of a stream that has not begun.
    pub(super) fn boxed(read_event: F) -> Box<dyn Decoder> {
        Box::new(Self { stream: EventStream::default(), read_event, progress: Progress::More })
    }
}

impl<F> Decoder for StreamDecoder<F>
where
    F: FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { stream, read_event, progress } = self;
        stream.feed(chunk, |message: Message<'_>| {
            if *progress != Progress::Closed {
                let further = read(message, read_event, events)?;
                if further != Progress::More {
                    *progress = further;
                }
            }
            Ok(())
        })
    }

    fn is_complete(&self) -> bool {
        self.progress == Progress::Closed
    }

    fn buffered_bytes(&self) -> usize {
        self.stream.buffered_bytes()
    }

    fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
        self.stream.finish()?;
        if self.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

/// Reads one message.
fn read(
    message: Message<'_>,
    read_event: &mut impl FnMut(&str, &[u8], &mut Events<'_>) -> Result<Progress, DecodeError>,
    events: &mut Events<'_>,
) -> Result<Progress, DecodeError> {
    let kind = |name| message.text(name).unwrap_or_default();
    match kind(":message-type") {
        // A payload is whole: what is missing in it will not come.
        "event" => {
            read_event(kind(":event-type"), message.payload(), events).map_err(stream::truncated_as_malformed)
        }
        "exception" => {
            events.failed(error::exception(kind(":exception-type"), message.payload()));
            Ok(Progress::Closed)
        }
        "error" => {
            events.failed(error::from_code(message.text(":error-code"), message.text(":error-message")));
            Ok(Progress::Closed)
        }
        _ => {
            events.skipped();
            Ok(Progress::More)
        }
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::backend::Decoder;
    use genai_bench_core::conformance::decode_chunks;

    use super::*;

    /// Reads chunks that are the kind of an event, a blank and its payload.
    struct Unframed;

    impl Decoder for Unframed {
        fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
            let blank = chunk.iter().position(|byte| *byte == b' ').unwrap();
            let kind = std::str::from_utf8(&chunk[..blank]).unwrap();
            read_event(kind, &chunk[blank + 1..], events).map(drop)
        }

        fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
            Ok(())
        }
    }

    #[test]
    fn answers_are_read_whatever_their_json_is() {
        let chunks: [&[u8]; 7] = [
            br#"contentBlockStart {"start":{"toolUse":{"name":"f","toolUseId":"1"}},"x":NaN}"#,
            br#"contentBlockStart {"start":7}"#,
            br#"contentBlockDelta {"delta":{"toolUse":{"input":"1","input":"{}"}}}"#,
            br#"contentBlockDelta {"delta":{"reasoningContent":{"text":"\ud83d"}}}"#,
            br#"contentBlockDelta {"delta":{"text":7,"\ud83d":"\ude00"}}"#,
            br#"contentBlockDelta {"delta":{"text":"a"},"p":"abc"}"#,
            br#"messageStop {"stopReason":"tool_use","stopReason":"tool_use"}"#,
        ];
        let (trace, outcome) = decode_chunks(Box::new(Unframed), &chunks);
        assert_eq!(outcome, Ok(()));
        let read = (
            &*trace.output_text.answer,
            &*trace.output_text.reasoning,
            trace.finish.map(|it| it.to_string()),
        );
        assert_eq!(read, ("f{}a", "\u{fffd}", Some("tool_calls".to_owned())));
        assert_eq!(trace.arrivals[0].at.as_nanos(), 1, "the name is the first output");
    }
}
