//! Answers in one piece.

use genai_bench_core::backend::Decoder;
use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

use super::chunk::finish_reason;
use super::error;
use super::text::Text;
use super::usage::WireUsage;
use crate::wire::sse::{LONGEST, TooLong};

/// Reads an answer that comes in one piece, when all of it is there.
#[derive(Debug, Default)]
pub(super) struct WholeDecoder(Vec<u8>);

#[derive(Debug, Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    choices: Vec<Choice<'a>>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Option<Message<'a>>,
    /// Of completions.
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Text<'a>,
    #[serde(borrow, default)]
    reasoning: Text<'a>,
    #[serde(borrow, default)]
    reasoning_content: Text<'a>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
    tool_calls: Option<Value>,
}

impl Decoder for WholeDecoder {
    fn decode(&mut self, chunk: &[u8], _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.0.len() + chunk.len() > LONGEST {
            return Err(TooLong.into());
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let answer: Answer<'_> = serde_json::from_slice(&self.0).map_err(|error| {
            if error.is_eof() {
                DecodeError::Truncated
            } else {
                DecodeError::Malformed(error.to_string().into())
            }
        })?;
        events.whole();
        if let Some(error) = answer.error {
            events.failed(error::inside(&error));
            return Ok(());
        }
        if answer.choices.is_empty() {
            return Err(DecodeError::Malformed("no choices in the answer".into()));
        }
        for choice in &answer.choices {
            choice.tell(events);
        }
        if let Some(usage) = answer.usage {
            events.usage(usage.into());
        }
        Ok(())
    }
}

impl Choice<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        if let Some(message) = &self.message {
            let reasoning = [&message.reasoning, &message.reasoning_content].map(Text::as_str);
            events.reasoning(reasoning.into_iter().find(|it| !it.is_empty()).unwrap_or_default());
            events.text(message.content.as_str());
            events.text(message.refusal.as_str());
            let calls = message.tool_calls.as_ref().filter(|it| !it.is_null());
            events.tool_call(&calls.map(Value::to_string).unwrap_or_default());
        }
        events.text(self.text.as_str());
        if let Some(reason) = finish_reason(self.finish_reason.as_str()) {
            events.finished(reason);
        }
    }
}
