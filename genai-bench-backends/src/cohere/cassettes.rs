//! Recordings for the laws. What is expected of the one from the SDK's tests is what the Python SDK 7.3.1 read out
//! of it.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;
use http::HeaderMap;
use serde_json::Map;

use super::backend::Cohere;

mod items;

const SDK: &str = "canned body, read by the cohere Python SDK 7.3.1, 2026-11-23";
const BY_HAND: &str = "written by hand from the types of the cohere Python SDK 7.3.1, 2026-11-24";

/// The backend, and what it must understand.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let backend = Cohere {
        base: "https://api.cohere.com/v2".to_owned(),
        instruction: None,
        headers: HeaderMap::new(),
        body: Map::new(),
    };
    let cassettes = [streams(), whole_answers(), errors(), broken(), items::cassettes()].concat();
    vec![("", Subject { backend: Arc::new(backend), cassettes })]
}

fn stream(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette {
        name,
        origin: BY_HAND,
        role: Role::Answer,
        request: Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))),
        content_type: "text/event-stream",
        body,
        expected,
    }
}

fn whole(name: &'static str, request: Request, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette { request, content_type: "application/json", ..stream(name, body, expected) }
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() }
}

fn error(message: &'static str) -> Expected {
    Expected { error: Some((None, message)), ..Expected::default() }
}

fn streams() -> Vec<Cassette> {
    let thought = Expected {
        answer: "Hi",
        reasoning: "Hmm",
        usage: Usage { cached: Some(Tokens(0)), ..usage(70, 8) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let limited = Expected {
        answer: "Hello ☃",
        usage: usage(66, 2),
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let called = Expected {
        answer: "look{\"a\":1}",
        reasoning: "I will look it up.",
        usage: usage(90, 14),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let cited = Expected {
        answer: "Paris",
        usage: usage(70, 1),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    vec![
        Cassette {
            origin: SDK,
            ..stream("chat", include_bytes!("../../fixtures/cohere/chat.sse"), thought.clone())
        },
        Cassette {
            origin: SDK,
            request: Request::new("m", chat_of_a_picture()),
            ..stream("chat_of_a_picture", include_bytes!("../../fixtures/cohere/chat.sse"), thought)
        },
        stream(
            "chat_unnamed_crlf_comments",
            include_bytes!("../../fixtures/cohere/chat_unnamed_crlf_comments.sse"),
            limited,
        ),
        stream("chat_tool_calls", include_bytes!("../../fixtures/cohere/chat_tool_calls.sse"), called),
        Cassette {
            role: Role::Unknown,
            ..stream(
                "chat_unknown_event",
                include_bytes!("../../fixtures/cohere/chat_unknown_event.sse"),
                cited,
            )
        },
    ]
}

fn chat_of_a_picture() -> Input {
    let message = Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]);
    Input::Chat { messages: vec![message], output: OutputLength::AtMost(Tokens(16)) }
}

fn unstreamed() -> Request {
    Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))).unstreamed()
}

fn whole_answers() -> Vec<Cassette> {
    let expected = Expected {
        answer: "Hello ☃",
        reasoning: "Greet",
        usage: Usage { cached: Some(Tokens(64)), ..usage(70, 8) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    vec![whole("chat_whole", unstreamed(), include_bytes!("../../fixtures/cohere/chat_whole.json"), expected)]
}

fn errors() -> Vec<Cassette> {
    let cassettes = [
        stream(
            "chat_error_at_the_end",
            include_bytes!("../../fixtures/cohere/chat_error_at_the_end.sse"),
            error("the model broke down"),
        ),
        stream("chat_timeout", include_bytes!("../../fixtures/cohere/chat_timeout.sse"), error("TIMEOUT")),
        stream(
            "chat_error_midway",
            include_bytes!("../../fixtures/cohere/chat_error_midway.sse"),
            error("internal server error"),
        ),
        whole(
            "chat_whole_error",
            unstreamed(),
            include_bytes!("../../fixtures/cohere/chat_whole_error.json"),
            error("ERROR"),
        ),
        whole(
            "chat_message",
            unstreamed(),
            include_bytes!("../../fixtures/cohere/message.json"),
            error("no healthy upstream"),
        ),
    ];
    cassettes.map(|it| Cassette { role: Role::ErrorInside, ..it }).to_vec()
}

fn broken() -> Vec<Cassette> {
    let cassettes = [
        stream("garbage", include_bytes!("../../fixtures/cohere/garbage.sse"), Expected::default()),
        stream(
            "chat_without_an_end",
            include_bytes!("../../fixtures/cohere/chat_without_an_end.sse"),
            Expected::default(),
        ),
    ];
    cassettes.map(|it| Cassette { role: Role::Broken, ..it }).to_vec()
}
