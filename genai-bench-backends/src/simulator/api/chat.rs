//! `/v1/chat/completions`: its request and its wire format.

use crate::simulator::api::fields::Fields;
use crate::simulator::api::messages;
use crate::simulator::api::text::Text;
use crate::simulator::api::text::{Enclosing, TextFormat};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::prompt::Prompt;
use crate::simulator::settings::{ReasoningField, Settings};

pub(super) fn read(
    fields: &Fields,
    settings: &Settings,
    prompt: &mut Prompt,
) -> Result<(&'static TextFormat, Text), ErrorResponse> {
    prompt.constant(settings.template_tokens);
    messages::read(fields, "messages", prompt)?;
    prompt.role("assistant");
    let limits = ["max_completion_tokens", "max_tokens"];
    let text = Text::read(fields, &limits, settings.reasoning_tokens.into())?;
    Ok((shape(settings.reasoning_field), text))
}

/// Returns the format of a chat whose reasoning is in `field`.
fn shape(field: ReasoningField) -> &'static TextFormat {
    match field {
        ReasoningField::ReasoningContent => &REASONING_CONTENT,
        ReasoningField::Reasoning => &REASONING,
    }
}

static REASONING_CONTENT: TextFormat = TextFormat {
    id: "chatcmpl",
    chunk_object: "chat.completion.chunk",
    whole_object: "chat.completion",
    role: Some(r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#),
    reasoning: Enclosing(r#"{"index":0,"delta":{"reasoning_content":""#, r#""},"finish_reason":null}"#),
    answer: Enclosing(r#"{"index":0,"delta":{"content":""#, r#""},"finish_reason":null}"#),
    finish: r#"{"index":0,"delta":{},"finish_reason":"length"}"#,
    whole_reasoning: Enclosing(r#""reasoning_content":""#, r#"","#),
    whole: Enclosing(
        r#"{"index":0,"message":{"role":"assistant","#,
        r#"},"logprobs":null,"finish_reason":"length"}"#,
    ),
    whole_answer: Enclosing(r#""content":""#, r#"""#),
};

static REASONING: TextFormat = TextFormat {
    reasoning: Enclosing(r#"{"index":0,"delta":{"reasoning":""#, r#""},"finish_reason":null}"#),
    whole_reasoning: Enclosing(r#""reasoning":""#, r#"","#),
    ..REASONING_CONTENT
};
