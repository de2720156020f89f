//! The wire shape of `/v1/chat/completions`.

use super::settings::ReasoningField;
use super::shape::{Around, Shape};

/// The shape of a chat whose reasoning is in `field`.
pub(super) fn shape(field: ReasoningField) -> &'static Shape {
    match field {
        ReasoningField::ReasoningContent => &REASONING_CONTENT,
        ReasoningField::Reasoning => &REASONING,
    }
}

static REASONING_CONTENT: Shape = Shape {
    id: "chatcmpl",
    chunk_object: "chat.completion.chunk",
    whole_object: "chat.completion",
    role: Some(r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#),
    reasoning: Around(r#"{"index":0,"delta":{"reasoning_content":""#, r#""},"finish_reason":null}"#),
    answer: Around(r#"{"index":0,"delta":{"content":""#, r#""},"finish_reason":null}"#),
    finish: r#"{"index":0,"delta":{},"finish_reason":"length"}"#,
    whole_reasoning: Around(r#""reasoning_content":""#, r#"","#),
    whole: Around(
        r#"{"index":0,"message":{"role":"assistant","#,
        r#"},"logprobs":null,"finish_reason":"length"}"#,
    ),
    whole_answer: Around(r#""content":""#, r#"""#),
};

static REASONING: Shape = Shape {
    reasoning: Around(r#"{"index":0,"delta":{"reasoning":""#, r#""},"finish_reason":null}"#),
    whole_reasoning: Around(r#""reasoning":""#, r#"","#),
    ..REASONING_CONTENT
};
