//! One event of a streamed answer of chat.

use std::borrow::Cow;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;

use super::error;
use super::finish_reason::ResponseEnd;
use super::response::ToolCall;
use crate::wire::content_parts::ContentParts;
use crate::wire::json;
use crate::wire::stream::{self, Progress};
use crate::wire::text::Text;

/// Events that say nothing that others do not say, or that is of no use here.
const KNOWN: [&str; 6] =
    ["message-start", "content-end", "tool-call-end", "citation-start", "citation-end", "debug"];

/// Reads the event of this name, or of the type that is in its data where it has none.
pub(super) fn read_event(name: &[u8], data: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    // It follows the last event, and says nothing: without that one an answer is not complete.
    if stream::is_end_mark(data) {
        return Ok(Progress::More);
    }
    let name = match name {
        b"" | b"message" => Cow::Owned(kind(data)?),
        _ => String::from_utf8_lossy(name),
    };
    match &*name {
        "content-start" | "content-delta" | "tool-plan-delta" | "tool-call-start" | "tool-call-delta" => {
            let Event::<Delta<'_>> { delta } = json::parse(data)?;
            delta.message.report(events);
        }
        "message-end" => {
            let Event::<ResponseEnd<'_>> { delta } = json::parse(data)?;
            delta.report(events);
            return Ok(Progress::Closed);
        }
        "error" | "" => match error::from_body(data) {
            None if name.is_empty() => events.skipped(),
            failure => {
                let text = || Failure::in_band(String::from_utf8_lossy(data));
                events.failed(failure.unwrap_or_else(text));
                return Ok(Progress::Closed);
            }
        },
        known if KNOWN.contains(&known) => {}
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

/// The type that an event has in its data.
fn kind(data: &[u8]) -> Result<String, DecodeError> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, default, rename = "type")]
        kind: Text<'a>,
    }
    json::parse::<Typed<'_>>(data).map(|it| it.kind.as_str().to_owned())
}

#[derive(Debug, Deserialize)]
struct Event<T> {
    delta: T,
}

#[derive(Debug, Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    message: Said<'a>,
}

#[derive(Debug, Deserialize)]
struct Said<'a> {
    /// What the model means to do with its tools.
    #[serde(borrow, default)]
    tool_plan: Text<'a>,
    #[serde(borrow, default)]
    content: ContentParts<'a>,
    #[serde(borrow)]
    tool_calls: Option<ToolCall<'a>>,
}

impl Said<'_> {
    fn report(&self, events: &mut Events<'_>) {
        events.reasoning(self.tool_plan.as_str());
        self.content.report(events);
        if let Some(call) = &self.tool_calls {
            call.report(events);
        }
    }
}
