//! Recordings of models of other publishers: Claude over Anthropic's API, the others over `OpenAI`'s. Most bodies are
//! those of the publishers' own backends, because they are the same.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::{BY_HAND, stream, usage, whole};

const ANTHROPIC: &str = "canned body, read by AnthropicVertex of the anthropic Python SDK 2.12.0, 2026-11-23";
const OPENAI: &str = "canned body, read by the openai Python SDK 3.54.0, 2026-11-25";

/// Returns the recordings of both APIs.
pub(super) fn cassettes() -> Vec<Cassette> {
    [claude_cassettes(), openai_cassettes()].concat()
}

fn hello(model: &str) -> Request {
    Request::chat(model, "Hello", OutputLength::AtMost(Tokens(64)))
}

fn overloaded(cassette: Cassette, origin: &'static str) -> Cassette {
    Cassette { origin, role: Role::ErrorInside, ..cassette }
}

fn error(status: Option<u16>, message: &'static str) -> Expected {
    Expected { error: Some((status, message)), ..Expected::default() }
}

fn claude_cassettes() -> Vec<Cassette> {
    let text = Expected {
        answer: "Hi",
        reasoning: "Hmm",
        usage: Usage { reasoning: Some(Tokens(9)), cached: Some(Tokens(0)), ..usage(25, 15) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let at_once = Expected {
        answer: "Hello ☃f{\"b\":2,\"a\":1}",
        reasoning: "Greet",
        usage: Usage { reasoning: Some(Tokens(2)), cached: Some(Tokens(6)), ..usage(9, 9) },
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let messages = include_bytes!("../../../fixtures/anthropic/messages.sse");
    let at_once_body = include_bytes!("../../../fixtures/anthropic/messages_whole.json");
    vec![
        Cassette { origin: ANTHROPIC, ..with_claude(stream("claude", messages, text)) },
        whole("claude_at_once", hello("anthropic/claude-x").unstreamed(), at_once_body, at_once),
        overloaded(
            with_claude(stream(
                "claude_overloaded",
                include_bytes!("../../../fixtures/anthropic/messages_overloaded.sse"),
                error(None, "overloaded_error: Overloaded"),
            )),
            ANTHROPIC,
        ),
        overloaded(
            with_claude(stream(
                "claude_error_without_event",
                include_bytes!("../../../fixtures/vertex/claude_error_without_event.sse"),
                error(Some(503), "UNAVAILABLE: The model is overloaded."),
            )),
            BY_HAND,
        ),
    ]
}

/// Returns the recordings over `OpenAI`'s API, at the endpoint of all models or of one.
pub(super) fn openai_cassettes() -> Vec<Cassette> {
    let text = Expected {
        answer: "Hello ☃",
        usage: Usage { reasoning: Some(Tokens(24)), ..usage(9, 26) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let at_once = Expected {
        answer: "Hello ☃",
        reasoning: "Greet",
        usage: Usage { cached: Some(Tokens(3)), ..usage(9, 4) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let chunks = include_bytes!("../../../fixtures/vertex/chat_completions.sse");
    let at_once_body = include_bytes!("../../../fixtures/openai/chat_whole.json");
    vec![
        Cassette { origin: OPENAI, ..with_llama(stream("chat_completions", chunks, text)) },
        whole("chat_completions_at_once", hello("meta/llama-x").unstreamed(), at_once_body, at_once),
        overloaded(
            with_llama(stream(
                "chat_completions_error_midway",
                include_bytes!("../../../fixtures/openai/chat_error_midway.sse"),
                error(None, "The server had an error"),
            )),
            OPENAI,
        ),
        overloaded(
            with_llama(stream(
                "chat_completions_error_without_event",
                include_bytes!("../../../fixtures/vertex/chat_completions_error_without_event.sse"),
                error(Some(503), "UNAVAILABLE: The model is overloaded."),
            )),
            BY_HAND,
        ),
    ]
}

fn with_claude(cassette: Cassette) -> Cassette {
    Cassette { request: hello("claude-x@20250929"), ..cassette }
}

fn with_llama(cassette: Cassette) -> Cassette {
    Cassette { request: hello("meta/llama-x"), ..cassette }
}
