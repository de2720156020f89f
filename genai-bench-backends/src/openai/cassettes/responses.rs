//! Recordings of responses.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::{picture_chat, stream, unstreamed, usage};

const BY_HAND: &str = "written by hand from the types of the openai Python SDK 3.54 and vLLM, 2026-11-24";

pub(super) fn cassettes() -> Vec<Cassette> {
    [streams(), errors(), vec![in_one_piece()]].concat()
}

fn counts(input: u64, output: u64, reasoning: u64, cached: u64) -> Usage {
    Usage { reasoning: Some(Tokens(reasoning)), cached: Some(Tokens(cached)), ..usage(input, output) }
}

fn streams() -> Vec<Cassette> {
    let text = Expected {
        answer: "Hi",
        usage: counts(9, 20, 12, 0),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let incomplete = Expected { answer: "", finish: Some(FinishReason::Length), ..text.clone() };
    let tool_call = Expected {
        answer: "f{\"a\":1}",
        reasoning: "Let me see ☃",
        usage: counts(11, 9, 4, 8),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let body = include_bytes!("../../../fixtures/openai/responses.sse");
    vec![
        stream("responses", body, text.clone()),
        Cassette {
            origin: "the one before without its lines of names, as some gateways send it",
            ..stream(
                "responses_unnamed",
                include_bytes!("../../../fixtures/openai/responses_unnamed.sse"),
                text.clone(),
            )
        },
        Cassette {
            request: Request::new("m", picture_chat()),
            ..stream("responses_to_a_picture", body, text)
        },
        stream(
            "responses_incomplete",
            include_bytes!("../../../fixtures/openai/responses_incomplete.sse"),
            incomplete,
        ),
        Cassette {
            origin: BY_HAND,
            role: Role::Unknown,
            ..stream(
                "responses_reasoning_tool_call_unknown_event",
                include_bytes!("../../../fixtures/openai/responses_reasoning_tool_call_unknown_event.sse"),
                tool_call,
            )
        },
    ]
}

fn errors() -> Vec<Cassette> {
    let error = |message| Expected { error: Some((None, message)), ..Expected::default() };
    vec![
        Cassette {
            role: Role::ErrorInside,
            ..stream(
                "responses_error",
                include_bytes!("../../../fixtures/openai/responses_error.sse"),
                error("slow down"),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            ..stream(
                "responses_failed",
                include_bytes!("../../../fixtures/openai/responses_failed.sse"),
                error("The model crashed"),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            ..stream(
                "responses_unnamed_error",
                b"data: {\"error\":{\"message\":\"too long\",\"code\":\"invalid_prompt\"}}\n\n",
                error("too long"),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::Broken,
            ..stream(
                "responses_broken",
                include_bytes!("../../../fixtures/openai/responses_broken.sse"),
                Expected::default(),
            )
        },
    ]
}

fn in_one_piece() -> Cassette {
    let expected = Expected {
        answer: "Hello ☃",
        reasoning: "Greet",
        usage: counts(9, 6, 2, 3),
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(6))).unstreamed();
    let body = include_bytes!("../../../fixtures/openai/responses_whole.json");
    Cassette { origin: BY_HAND, ..unstreamed("responses_whole", request, body, expected) }
}
