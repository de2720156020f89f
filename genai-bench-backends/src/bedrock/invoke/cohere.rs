//! Cohere's Command R: the first version of its chat API.
//!
//! Sources: "Cohere Command R and Command R+ models" in AWS's guide to Bedrock, and code of others that reads its chunks.

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::request::{Message, OutputLength, Role};
use serde::{Deserialize, Serialize};

use super::super::{ExtraParams, finish_reason};
use super::ended;
use crate::wire::json;
use crate::wire::request::RequestBody;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

#[derive(Debug, Serialize)]
struct Said<'a> {
    role: &'static str,
    message: &'a str,
}

/// Asks for the next message of a conversation.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    messages: &[Message],
    output: OutputLength,
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    if messages.iter().any(|it| !it.media.is_empty()) {
        return Err("pictures for Command R: it reads texts only");
    }
    let (system, said): (Vec<_>, Vec<_>) = messages.iter().partition(|it| it.role == Role::System);
    let Some((last, before)) = said.split_last().filter(|(last, _)| last.role != Role::Assistant) else {
        return Err("a conversation whose last word Command R had");
    };
    let mut body = RequestBody::new(&extra_params.body);
    body.set("message", &*last.text);
    if !before.is_empty() {
        let history = before.iter().map(|it| {
            let role = if it.role == Role::Assistant { "CHATBOT" } else { "USER" };
            Said { role, message: &it.text }
        });
        body.set("chat_history", &history.collect::<Vec<_>>());
    }
    let system = system.into_iter().map(|it| &*it.text);
    let system: Vec<_> = extra_params.system_message.as_deref().into_iter().chain(system).collect();
    if !system.is_empty() {
        body.set("preamble", &system.join("\n\n"));
    }
    if let Some(limit) = output.limit() {
        body.set("max_tokens", &limit);
    }
    extra_params.set_sampling(&mut body, "p");
    Ok(body.finish())
}

#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow, default)]
    event_type: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
}

/// Reads a chunk of a stream.
pub(super) fn read_event(json: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let piece: Piece<'_> = json::parse(json)?;
    match piece.event_type.as_str() {
        "stream-start" => {}
        "text-generation" => events.text(piece.text.as_str()),
        // It has all of the text once more.
        "stream-end" => {
            let progress = piece.end(events);
            ended(progress)?;
            return Ok(progress);
        }
        _ => events.skipped(),
    }
    Ok(Progress::More)
}

/// Reads an answer in one piece.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Piece<'_> = json::parse(body)?;
    events.text(answer.text.as_str());
    ended(answer.end(events))
}

impl Piece<'_> {
    /// Tells why the answer ends, which may be an error.
    fn end(&self, events: &mut Events<'_>) -> Progress {
        let reason = self.finish_reason.as_str();
        // Such as ERROR_TOXIC and ERROR_LIMIT.
        if reason.starts_with("ERROR") {
            events.failed(Failure::in_band(reason.to_owned()).with_code(Some(reason)));
            return Progress::Closed;
        }
        finish_reason::report(reason, events)
    }
}
