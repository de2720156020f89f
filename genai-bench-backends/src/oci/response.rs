//! Text answers, streamed and unstreamed.

use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;

use super::error;
use super::event::Event;
use super::format::Format;
use crate::wire::json;
use crate::wire::stream::{self, Progress};
use crate::wire::tool_names::ToolNames;

/// Returns a reader of the events of one stream in `format`.
pub(super) fn event_reader(
    format: Format,
) -> impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    let (mut has_words, mut has_calls) = (false, false);
    let mut names = ToolNames::default();
    move |name, data, events| {
        if stream::is_end_mark(data) {
            events.done();
            return Ok(Progress::Closed);
        }
        match json::parse::<Event<'_>>(data) {
            Ok(event) if name != b"error" && event.is_known() => {
                let ends = event.ends();
                // The last event repeats the answer; a part that no earlier event had is reported here.
                let says_all = ends && format.ends_with_all();
                has_words |= !(says_all && has_words) && event.report_text(events);
                has_calls |= !(says_all && has_calls) && event.report_tool_calls(&mut names, events);
                event.report_end(events);
                Ok(if ends { Progress::Finished } else { Progress::More })
            }
            other => unknown(name, data, other.map(drop), events),
        }
    }
}

/// Reads an event that is no piece of an answer: an error, or an unknown event, unless it could not be `parsed`.
fn unknown(
    name: &[u8],
    data: &[u8],
    parsed: Result<(), DecodeError>,
    events: &mut Events<'_>,
) -> Result<Progress, DecodeError> {
    let is_named_error = name == b"error";
    let error = error::from_body(data)
        .or_else(|| is_named_error.then(|| Failure::in_band(String::from_utf8_lossy(data))));
    match error {
        Some(failure) => {
            events.failed(failure);
            Ok(Progress::Closed)
        }
        None => {
            parsed?;
            events.skipped();
            Ok(Progress::More)
        }
    }
}

/// Reads an unstreamed answer.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    #[derive(Deserialize)]
    struct Response<'a> {
        #[serde(borrow, rename = "chatResponse")]
        chat: Event<'a>,
    }
    let Response { mut chat } = json::parse(body)?;
    let choices = chat.choices.take().unwrap_or_default();
    if !chat.ends() && !choices.iter().any(Event::ends) {
        return Err(DecodeError::Malformed("an answer that has not ended".into()));
    }
    for answer in choices.into_iter().chain([chat]) {
        answer.report_text(events);
        answer.report_tool_calls(&mut ToolNames::default(), events);
        answer.report_end(events);
    }
    Ok(())
}
