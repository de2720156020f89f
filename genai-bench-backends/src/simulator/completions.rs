//! The wire shape of `/v1/completions`. It knows no roles and no reasoning.

use super::shape::{Around, Shape};

/// The shape of a completion.
pub(super) static SHAPE: Shape = Shape {
    id: "cmpl",
    chunk_object: "text_completion",
    whole_object: "text_completion",
    role: None,
    reasoning: ANSWER,
    answer: ANSWER,
    finish: r#"{"index":0,"text":"","logprobs":null,"finish_reason":"length"}"#,
    whole_reasoning: Around("", ""),
    whole: Around(r#"{"index":0,"#, r#","logprobs":null,"finish_reason":"length"}"#),
    whole_answer: Around(r#""text":""#, r#"""#),
};

const ANSWER: Around = Around(r#"{"index":0,"text":""#, r#"","logprobs":null,"finish_reason":null}"#);
