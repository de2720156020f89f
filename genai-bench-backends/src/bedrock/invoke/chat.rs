//! Conversations as in `OpenAI`'s API: Mistral Large, `DeepSeek` V3, Qwen and gpt-oss. The answers of `DeepSeek` R1 look
//! alike. gpt-oss says what it reasons as text, between tags.
//!
//! Sources: "Mistral AI chat completion", "DeepSeek models", "Qwen" and "OpenAI models" in AWS's guide to Bedrock, and
//! code of others that reads their chunks.

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Message, OutputLength};
use serde::Deserialize;
use serde_json::Value;

use super::super::{ExtraParams, finish_reason};
use crate::openai::{Delta, WireUsage};
use crate::wire::message::WireMessage;
use crate::wire::request::RequestBody;
use crate::wire::stream::Progress;
use crate::wire::text::Text;
use crate::wire::tool_names::ToolNames;
use crate::wire::{error, fields, json, top_level_error};

/// Asks for the next message of a conversation, of at most as many tokens as `length_field` says.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    messages: &[Message],
    length_field: &str,
    output: OutputLength,
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    if messages.iter().any(|it| !it.media.is_empty()) {
        return Err("pictures through InvokeModel for this model: Converse may take them");
    }
    let system = extra_params.system_message.as_deref().map(|it| Ok(WireMessage::system(it)));
    let said: Result<Vec<_>, _> = system.into_iter().chain(messages.iter().map(WireMessage::new)).collect();
    let mut body = RequestBody::new(&extra_params.body);
    body.set("messages", &said?);
    if let Some(limit) = output.limit() {
        body.set(length_field, &limit);
    }
    extra_params.set_sampling(&mut body, "top_p");
    Ok(body.finish())
}

#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    /// Mistral's chunks have messages in the place of deltas.
    #[serde(borrow)]
    message: Option<Delta<'a>>,
    /// Of R1.
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    finish_reason: Text<'a>,
    /// Of Mistral and R1.
    #[serde(borrow)]
    stop_reason: Text<'a>,
}

/// Reads the chunks of one stream, or an answer in one piece.
#[derive(Debug, Default)]
pub(super) struct Reader {
    names: ToolNames,
    has_deltas: bool,
}

impl Reader {
    /// Reads a chunk of a stream, or an answer in one piece.
    pub(super) fn read_event(
        &mut self,
        json: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        let piece: Piece<'_> = json::parse(json)?;
        if let Some(error) = piece.error.filter(error::is_error) {
            events.failed(error::from_value(&error));
            return Ok(Progress::Closed);
        }
        if piece.choices.is_none() && piece.usage.is_none() {
            let Some(failure) = top_level_error::read(json) else {
                events.skipped();
                return Ok(Progress::More);
            };
            events.failed(failure);
            return Ok(Progress::Closed);
        }
        let mut progress = Progress::More;
        for choice in piece.choices.into_iter().flatten() {
            if self.report_choice(choice, events) == Progress::Finished {
                progress = Progress::Finished;
            }
        }
        if let Some(usage) = piece.usage {
            events.usage(usage.into());
        }
        Ok(progress)
    }

    fn report_choice(&mut self, choice: Choice<'_>, events: &mut Events<'_>) -> Progress {
        let has_deltas = self.has_deltas;
        self.has_deltas |= choice.delta.as_ref().is_some_and(|delta| !delta.is_empty());
        // A message behind deltas repeats them.
        let message = choice.message.filter(|_| !has_deltas);
        if let Some(delta) = choice.delta.filter(|delta| !delta.is_empty()).or(message) {
            delta.report(0, &mut self.names, events);
        }
        events.text(choice.text.as_str());
        let reasons = [&choice.finish_reason, &choice.stop_reason].map(Text::as_str);
        finish_reason::report(reasons.into_iter().find(|word| !word.is_empty()).unwrap_or_default(), events)
    }
}
