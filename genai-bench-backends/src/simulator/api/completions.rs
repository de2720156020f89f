//! `/v1/completions`: its request and its wire format, without roles and reasoning.

use serde_json::Value;

use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::api::text::Text;
use crate::simulator::api::text::{Enclosing, TextFormat};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::prompt::Prompt;

pub(super) fn read(
    fields: &Fields,
    prompt: &mut Prompt,
) -> Result<(&'static TextFormat, Text), ErrorResponse> {
    match fields.get("prompt") {
        Some(Value::String(text)) => prompt.text(text),
        Some(Value::Array(ids)) if !ids.is_empty() && ids.iter().all(Value::is_u64) => prompt.ids(ids),
        Some(Value::Array(texts)) if texts.len() == 1 && texts[0].is_string() => {
            prompt.text(texts[0].as_str().unwrap_or_default());
        }
        _ => return Err(wrong("prompt", "one text or one array of token ids")),
    }
    Ok((&SHAPE, Text::read(fields, &["max_tokens"], 0)?))
}

/// The format of a completion.
static SHAPE: TextFormat = TextFormat {
    id: "cmpl",
    chunk_object: "text_completion",
    whole_object: "text_completion",
    role: None,
    reasoning: ANSWER,
    answer: ANSWER,
    finish: r#"{"index":0,"text":"","logprobs":null,"finish_reason":"length"}"#,
    whole_reasoning: Enclosing("", ""),
    whole: Enclosing(r#"{"index":0,"#, r#","logprobs":null,"finish_reason":"length"}"#),
    whole_answer: Enclosing(r#""text":""#, r#"""#),
};

const ANSWER: Enclosing = Enclosing(r#"{"index":0,"text":""#, r#"","logprobs":null,"finish_reason":null}"#);
