//! Events of a streamed response.

use std::borrow::Cow;

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

use super::super::event::{self, Progress};
use super::response::ResponseEnd;
use super::response::{Item, Output};
use crate::wire::text::Text;
use crate::wire::{error, json};

/// Known events that repeat other events or are not needed.
const KNOWN: [&str; 17] = [
    "response.created",
    "response.queued",
    "response.in_progress",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.annotation.added",
    "response.output_text.done",
    "response.refusal.done",
    "response.reasoning_text.done",
    // Events of vLLM.
    "response.reasoning_part.added",
    "response.reasoning_part.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.done",
    "response.function_call_arguments.done",
    "keepalive",
];

/// Events with a piece of a tool call's arguments.
const CALL_DELTAS: [&str; 4] = [
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta",
    "response.code_interpreter_call_code.delta",
];

/// Creates a decoder of a streamed response.
pub(in super::super) fn stream() -> Box<dyn Decoder> {
    let mut reader = EventReader::default();
    event::decoder(move |name, data, events| reader.read_event(name, data, events))
}

/// A reader of the events of one response.
#[derive(Debug, Default)]
struct EventReader {
    /// `true` once a tool has been called.
    has_called: bool,
    /// `true` once a piece of output has arrived.
    has_pieces: bool,
}

impl EventReader {
    /// Reads the event of this name, or of the name in its data.
    fn read_event(
        &mut self,
        name: &[u8],
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        let name = match name {
            b"" | b"message" => {
                let unnamed: Unnamed<'_> = json::parse(data)?;
                if let Some(error) = unnamed.error.filter(error::is_error) {
                    events.failed(error::from_value(&error));
                    return Ok(Progress::Closed);
                }
                Cow::Owned(unnamed.name.as_str().to_owned())
            }
            name => String::from_utf8_lossy(name),
        };
        match &*name {
            "response.output_text.delta" | "response.refusal.delta" => {
                self.has_pieces = true;
                events.text(piece(data)?.as_str());
            }
            "response.reasoning_text.delta"
            | "response.reasoning_summary_text.delta"
            | "response.reasoning.delta"
            | "response.reasoning_summary.delta" => {
                self.has_pieces = true;
                events.reasoning(piece(data)?.as_str());
            }
            name if CALL_DELTAS.contains(&name) => {
                (self.has_pieces, self.has_called) = (true, true);
                events.tool_call(piece(data)?.as_str());
            }
            "response.output_item.added" => self.report_item(data, events)?,
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                return self.close(data, events);
            }
            "error" => {
                events.failed(error::from_value(&json::parse(data)?));
                return Ok(Progress::Closed);
            }
            known if KNOWN.contains(&known) => {}
            "" => return Ok(event::unknown(data, events)),
            _ => events.skipped(),
        }
        Ok(Progress::More)
    }

    /// Reads the start of an item, the only event with the name of a called tool.
    fn report_item(&mut self, data: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Added { item } = json::parse(data)?;
        if let Some(name) = item.as_ref().and_then(Item::called_name) {
            (self.has_pieces, self.has_called) = (true, true);
            events.tool_call(name);
        }
        Ok(())
    }

    /// Reads the last event, which contains the whole response. Its output is reported only where no pieces arrived
    /// before.
    fn close(&self, data: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
        let Closing { response } = json::parse(data)?;
        if !response.is_one() {
            return Err(DecodeError::Malformed("a last event with a response that goes on".into()));
        }
        let mut has_called = self.has_called;
        if !self.has_pieces {
            let Repeating { response } = json::parse(data)?;
            if response.has_output() {
                events.unstreamed();
                has_called |= response.report(events);
            }
        }
        response.report(has_called, events);
        Ok(Progress::Closed)
    }
}

fn piece(data: &[u8]) -> Result<Text<'_>, DecodeError> {
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        delta: Text<'a>,
    }
    json::parse::<Delta<'_>>(data).map(|it| it.delta)
}

#[derive(Debug, Deserialize)]
struct Unnamed<'a> {
    #[serde(borrow, default, rename = "type")]
    name: Text<'a>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Closing<'a> {
    #[serde(borrow)]
    response: ResponseEnd<'a>,
}

#[derive(Debug, Deserialize)]
struct Repeating<'a> {
    #[serde(borrow)]
    response: Output<'a>,
}

#[derive(Debug, Deserialize)]
struct Added<'a> {
    #[serde(borrow)]
    item: Option<Item<'a>>,
}
