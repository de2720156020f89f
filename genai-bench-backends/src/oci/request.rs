//! Conversations, as they are asked for.

use genai_bench_core::request::{Message, OutputLength};
use serde::Serialize;
use serde_json::{Value, json};

use super::cohere;
use super::extra_params::Wanted;
use super::format::Format;
use super::message::WireMessage;
use crate::wire::request::RequestBody;

/// One message.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line<'a> {
    /// As a person wrote it.
    Given(&'a Value),
    Said(WireMessage<'a>),
}

/// Asks for the next message of a conversation.
///
/// A server cannot be told to go on after the model is done.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn ask(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    output: OutputLength,
    stream: bool,
    format: Format,
    wanted: &Wanted,
) -> Result<(), &'static str> {
    body.set("apiFormat", format.name());
    match format {
        Format::Cohere => cohere::say(body, messages, wanted)?,
        Format::CohereV2 | Format::Generic => say(body, messages, format, wanted)?,
    }
    // Some models know only the other name: a person who gives a number under it does not want two.
    if let Some(limit) = output.limit().filter(|_| body.extra_param("maxCompletionTokens").is_none()) {
        body.set("maxTokens", &limit);
    }
    let stream = body.streams("isStream", stream);
    body.set("isStream", &stream);
    if stream {
        body.set("streamOptions", &json!({"isIncludeUsage": true}));
    }
    Ok(())
}

/// Says `messages`, after what every conversation begins with.
fn say(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    format: Format,
    wanted: &Wanted,
) -> Result<(), &'static str> {
    let instruction = wanted.instruction.as_deref().map(|it| Ok(Line::Said(WireMessage::system(it))));
    let history = wanted.history.iter().map(|it| Ok(Line::Given(it)));
    let said = messages.iter().map(|it| WireMessage::new(it, format).map(Line::Said));
    let conversation: Result<Vec<_>, _> = instruction.into_iter().chain(history).chain(said).collect();
    body.set("messages", &conversation?);
    Ok(())
}

#[cfg(test)]
mod tests;
