//! One event of a streamed response.

use std::borrow::Cow;

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

use super::super::stream::{self, Progress};
use super::super::text::Text;
use super::super::{error, whole};
use super::ending::Ending;

/// Events that say nothing that others do not say, or that is of no use here.
const KNOWN: [&str; 18] = [
    "response.created",
    "response.queued",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.annotation.added",
    "response.output_text.done",
    "response.refusal.done",
    "response.reasoning_text.done",
    // Those of vLLM.
    "response.reasoning_part.added",
    "response.reasoning_part.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.done",
    "response.function_call_arguments.done",
    "keepalive",
];

/// Reads the event of this name, or of the name that is in its data. `called` becomes true with a piece of a
/// call to a tool.
pub(in super::super) fn take(
    name: &[u8],
    data: &[u8],
    called: &mut bool,
    events: &mut Events<'_>,
) -> Result<Progress, DecodeError> {
    let name = match name {
        b"" | b"message" => {
            let unnamed: Unnamed<'_> = whole::parse(data)?;
            if let Some(error) = unnamed.error.filter(error::is_some) {
                events.failed(error::inside(&error));
                return Ok(Progress::Closed);
            }
            Cow::Owned(unnamed.name.as_str().to_owned())
        }
        name => String::from_utf8_lossy(name),
    };
    match &*name {
        "response.output_text.delta" | "response.refusal.delta" => events.text(piece(data)?.as_str()),
        "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
            events.reasoning(piece(data)?.as_str());
        }
        "response.function_call_arguments.delta" => {
            *called = true;
            events.tool_call(piece(data)?.as_str());
        }
        "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
            let Closing { response } = whole::parse(data)?;
            if !response.is_one() {
                return Err(DecodeError::Malformed("a last event with a response that goes on".into()));
            }
            response.tell(*called, events);
            return Ok(Progress::Closed);
        }
        "error" => {
            events.failed(error::inside(&whole::parse(data)?));
            return Ok(Progress::Closed);
        }
        known if KNOWN.contains(&known) => {}
        "" => return Ok(stream::unknown(data, events)),
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

fn piece(data: &[u8]) -> Result<Text<'_>, DecodeError> {
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        delta: Text<'a>,
    }
    whole::parse::<Delta<'_>>(data).map(|it| it.delta)
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
    response: Ending<'a>,
}
