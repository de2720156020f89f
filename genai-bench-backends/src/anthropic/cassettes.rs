//! Recordings for the laws. Those from the SDK's tests were made on 2026-11-23 against the Python SDK 2.12, which
//! read out of them what is expected here.

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::entry;
use crate::entry::Settings;

const SDK: &str = "canned body, read by the anthropic Python SDK 2.12.0, 2026-11-23";
const BY_HAND: &str = "written by hand from the types of the anthropic Python SDK 2.12, 2026-11-24";
const READ: &str = "written by hand, read by the anthropic Python SDK 2.12.0 to the same end, 2026-11-24";

/// The backend, and what it must understand.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let endpoint = entry::build(&Settings::default()).expect("it can be made as it is");
    let cassettes = [answers(), oddities(), whole_answers(), errors()].concat();
    vec![("", Subject { backend: endpoint.backend, cassettes })]
}

fn stream(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette {
        name,
        origin: BY_HAND,
        role: Role::Answer,
        request: Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))),
        content_type: "text/event-stream; charset=utf-8",
        body,
        expected,
    }
}

fn whole(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))).unstreamed();
    Cassette { request, content_type: "application/json", ..stream(name, body, expected) }
}

fn usage(input: u64, output: u64, reasoning: u64, cached: u64) -> Usage {
    Usage {
        input: Some(Tokens(input)),
        output: Some(Tokens(output)),
        reasoning: Some(Tokens(reasoning)),
        cached: Some(Tokens(cached)),
    }
}

fn answers() -> Vec<Cassette> {
    let picture = Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]);
    let picture = Input::Chat { messages: vec![picture], output: OutputLength::AtMost(Tokens(16)) };
    let text = Expected {
        answer: "Hi",
        reasoning: "Hmm",
        usage: usage(25, 15, 9, 0),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let tool_call = Expected {
        answer: "I \"ask\":\nf{\"a\":1}",
        reasoning: "Let me see ☃",
        usage: usage(325, 40, 12, 300),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let body = include_bytes!("../../fixtures/anthropic/messages.sse");
    vec![
        Cassette { origin: SDK, ..stream("messages", body, text.clone()) },
        Cassette {
            origin: SDK,
            request: Request::new("m", picture),
            ..stream("messages_to_a_picture", body, text.clone())
        },
        Cassette {
            origin: "the one before without its lines of names, which the SDK wants and a framing may not have",
            ..stream(
                "messages_unnamed",
                include_bytes!("../../fixtures/anthropic/messages_unnamed.sse"),
                text,
            )
        },
        Cassette {
            origin: READ,
            ..stream(
                "messages_cache_tool_call",
                include_bytes!("../../fixtures/anthropic/messages_cache_tool_call.sse"),
                tool_call,
            )
        },
    ]
}

fn oddities() -> Vec<Cassette> {
    let unknown = Expected {
        answer: "Hi",
        usage: Usage { input: Some(Tokens(9)), output: Some(Tokens(2)), ..Usage::default() },
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let no_reason = Expected { answer: "Hi", finish: Some(FinishReason::Unstated), ..Expected::default() };
    vec![
        stream(
            "an_end_without_a_reason",
            b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":\
            {\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            no_reason,
        ),
        Cassette {
            origin: READ,
            role: Role::Unknown,
            ..stream(
                "messages_unknown",
                include_bytes!("../../fixtures/anthropic/messages_unknown.sse"),
                unknown,
            )
        },
    ]
}

fn whole_answers() -> Vec<Cassette> {
    let expected = Expected {
        answer: "Hello ☃f{\"b\":2,\"a\":1}",
        reasoning: "Greet",
        usage: usage(9, 9, 2, 6),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let body = include_bytes!("../../fixtures/anthropic/messages_whole.json");
    vec![Cassette { origin: READ, ..whole("messages_whole", body, expected) }]
}

fn errors() -> Vec<Cassette> {
    let error = |message| Expected { error: Some((None, message)), ..Expected::default() };
    let broken = Expected::default;
    vec![
        Cassette {
            origin: SDK,
            role: Role::ErrorInside,
            ..stream(
                "messages_overloaded",
                include_bytes!("../../fixtures/anthropic/messages_overloaded.sse"),
                error("overloaded_error: Overloaded"),
            )
        },
        Cassette {
            role: Role::ErrorInside,
            ..stream(
                "messages_unnamed_error",
                b"data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"boom\"}}\n\n",
                error("api_error: boom"),
            )
        },
        Cassette {
            role: Role::ErrorInside,
            ..stream(
                "an_error_of_what_stands_between",
                b"event: error\ndata: upstream timed out\n\n",
                error("upstream timed out"),
            )
        },
        Cassette {
            role: Role::ErrorInside,
            ..whole(
                "messages_whole_error",
                include_bytes!("../../fixtures/anthropic/messages_whole_error.json"),
                error("api_error: Internal server error"),
            )
        },
        Cassette {
            role: Role::Broken,
            ..stream(
                "messages_broken",
                include_bytes!("../../fixtures/anthropic/messages_broken.sse"),
                broken(),
            )
        },
        Cassette {
            role: Role::Broken,
            ..whole(
                "messages_whole_unended",
                include_bytes!("../../fixtures/anthropic/messages_whole_unended.json"),
                broken(),
            )
        },
    ]
}
