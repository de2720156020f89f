//! Recordings for the laws, one for each framing: written by hand on 2026-11-24, after text-generation-inference's
//! `/generate_stream` (events) and Ollama's `/api/generate` (lines).

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::units::Tokens;
use serde_json::{Map, Value, json};

use super::backend::Custom;

const BY_HAND: &str = "written by hand, 2026-11-24";

/// A server of each framing, and what must be understood of it.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    vec![("events", events()), ("lines", lines()), ("whole", whole())]
}

fn subject(answer: &Value, cassettes: Vec<Cassette>) -> Subject {
    let description =
        json!({"body": {"inputs": "{{ prompt }}", "max": "{{ max_tokens }}"}, "answer": answer});
    let description = serde_json::from_value(description).expect("a description");
    let backend = Custom::new("http://localhost:8000", description, Vec::new(), Map::new());
    Subject { backend: Arc::new(backend.expect("a description that makes sense")), cassettes }
}

fn cassette(name: &'static str, content_type: &'static str, body: &'static [u8], role: Role) -> Cassette {
    let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
    Cassette { name, origin: BY_HAND, role, request, content_type, body, expected: Expected::default() }
}

fn events() -> Subject {
    let answer = json!({"text": "/token/text", "finish_reason": "/details/finish_reason",
        "output_tokens": "/details/generated_tokens", "error": "/error"});
    let read = |name, body, role| cassette(name, "text/event-stream", body, role);
    let expected = Expected {
        answer: "Hello ☃",
        usage: Usage { output: Some(Tokens(2)), ..Usage::default() },
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let failed = Expected { error: Some((None, "out of memory")), ..Expected::default() };
    let answer_of = include_bytes!("../../fixtures/custom/answer.sse");
    let unknown = include_bytes!("../../fixtures/custom/unknown.sse");
    subject(
        &answer,
        vec![
            Cassette { expected: expected.clone(), ..read("answer", answer_of, Role::Answer) },
            Cassette { expected, ..read("unknown", unknown, Role::Unknown) },
            Cassette {
                expected: failed,
                ..read("error", include_bytes!("../../fixtures/custom/error.sse"), Role::ErrorInside)
            },
            read("garbage", include_bytes!("../../fixtures/custom/garbage.sse"), Role::Broken),
        ],
    )
}

fn lines() -> Subject {
    let answer = json!({"framing": "ndjson", "text": "/response", "reasoning": "/thinking",
        "finish_reason": "/done_reason", "input_tokens": "/prompt_eval_count", "output_tokens": "/eval_count"});
    let expected = Expected {
        answer: "Yes.",
        reasoning: "Hm",
        usage: Usage { input: Some(Tokens(5)), output: Some(Tokens(3)), ..Usage::default() },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let body = include_bytes!("../../fixtures/custom/answer.ndjson");
    subject(
        &answer,
        vec![Cassette { expected, ..cassette("lines", "application/x-ndjson", body, Role::Answer) }],
    )
}

fn whole() -> Subject {
    let answer = json!({"framing": "json", "items": "/vectors", "input_tokens": "/tokens"});
    let expected = Expected {
        items: 2,
        usage: Usage { input: Some(Tokens(7)), ..Usage::default() },
        ..Expected::default()
    };
    let body = include_bytes!("../../fixtures/custom/vectors.json");
    subject(
        &answer,
        vec![Cassette { expected, ..cassette("vectors", "application/json", body, Role::Answer) }],
    )
}
