//! Recordings for the conformance laws. Those from the SDK's tests were made on 2026-11-23 against the Python SDK 3.54,
//! whose parsed output is the expectation; the others were captured as noted beside them.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::{BaseUrl, ChatApi, Dialect, OpenAi};

mod items;
mod responses;
mod speech;

const SDK: &str = "canned body, read by the openai Python SDK 3.54.0, 2026-11-23";
const BY_HAND: &str = "written by hand from vLLM 0.33 and SGLang 0.5.23 server code, 2026-11-23";

/// Returns backends of `dialect`, one for each API of conversations, with their recordings.
pub(crate) fn subjects(dialect: Dialect) -> Vec<(&'static str, Subject)> {
    let base: BaseUrl = "http://localhost:8000".parse().expect("a plain URL is a base URL");
    let chunks = [answers(), servers_of_open_models(), whole_answers(), errors()].concat();
    let usual = [chunks, items::cassettes(&dialect), speech::cassettes()].concat();
    let backend = |dialect| Arc::new(OpenAi::new(base.clone(), dialect));
    let responses = backend(Dialect { chat_api: ChatApi::Responses, ..dialect.clone() });
    vec![
        ("", Subject { backend: backend(dialect), cassettes: usual }),
        ("responses", Subject { backend: responses, cassettes: responses::cassettes() }),
    ]
}

pub(crate) fn stream(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette {
        name,
        origin: SDK,
        role: Role::Answer,
        request: Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))),
        content_type: "text/event-stream; charset=utf-8",
        body,
        expected,
    }
}

pub(crate) fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() }
}

pub(crate) fn unstreamed(
    name: &'static str,
    request: Request,
    body: &'static [u8],
    expected: Expected,
) -> Cassette {
    Cassette { request, content_type: "application/json", ..stream(name, body, expected) }
}

fn picture_chat() -> Input {
    let message = Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]);
    Input::Chat { messages: vec![message], output: OutputLength::AtMost(Tokens(16)) }
}

fn answers() -> Vec<Cassette> {
    let chat = Expected {
        answer: "Hello ☃",
        usage: Usage { reasoning: Some(Tokens(4)), cached: Some(Tokens(0)), ..usage(9, 12) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let split = Expected { answer: "x", finish: Some(FinishReason::Unstated), ..Expected::default() };
    let no_done = Expected { answer: "Hi", finish: Some(FinishReason::Length), ..Expected::default() };
    let tool =
        Expected { answer: "f{\"a\":1}", finish: Some(FinishReason::ToolCalls), ..Expected::default() };
    let completion = Expected {
        answer: " world",
        usage: usage(1, 2),
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    vec![
        stream("chat", include_bytes!("../../fixtures/openai/chat.sse"), chat.clone()),
        Cassette {
            request: Request::new("m", picture_chat()),
            ..stream("chat_of_a_picture", include_bytes!("../../fixtures/openai/chat.sse"), chat)
        },
        stream(
            "chat_crlf_comments_split_data",
            include_bytes!("../../fixtures/openai/chat_crlf_comments_split_data.sse"),
            split,
        ),
        stream("chat_no_done", include_bytes!("../../fixtures/openai/chat_no_done.sse"), no_done),
        stream("chat_tool_calls", include_bytes!("../../fixtures/openai/chat_tool_calls.sse"), tool),
        Cassette {
            request: Request::completion("m", "Hello", OutputLength::AtMost(Tokens(2))),
            ..stream("completions", include_bytes!("../../fixtures/openai/completions.sse"), completion)
        },
    ]
}

fn servers_of_open_models() -> Vec<Cassette> {
    let vllm = Expected {
        answer: "Yes.",
        reasoning: "Let me see",
        usage: Usage { reasoning: Some(Tokens(3)), ..usage(7, 5) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let sglang = Expected {
        answer: "Yes",
        reasoning: "Hm",
        usage: Usage { reasoning: Some(Tokens(1)), ..usage(7, 2) },
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    vec![
        Cassette {
            origin: BY_HAND,
            ..stream(
                "vllm_reasoning_continuous_usage",
                include_bytes!("../../fixtures/openai/vllm_reasoning_continuous_usage.sse"),
                vllm,
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::Unknown,
            ..stream(
                "sglang_extra_events_usage_on_last",
                include_bytes!("../../fixtures/openai/sglang_extra_events_usage_on_last.sse"),
                sglang,
            )
        },
    ]
}

fn whole_answers() -> Vec<Cassette> {
    let expected = Expected {
        answer: "Hello ☃",
        reasoning: "Greet",
        usage: Usage { cached: Some(Tokens(3)), ..usage(9, 4) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    vec![Cassette {
        origin: BY_HAND,
        ..unstreamed(
            "chat_whole",
            Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16))).unstreamed(),
            include_bytes!("../../fixtures/openai/chat_whole.json"),
            expected,
        )
    }]
}

fn errors() -> Vec<Cassette> {
    vec![
        Cassette {
            role: Role::ErrorInside,
            ..stream(
                "chat_error_midway",
                include_bytes!("../../fixtures/openai/chat_error_midway.sse"),
                error(None, "The server had an error"),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            ..stream(
                "vllm_error_with_code",
                include_bytes!("../../fixtures/openai/vllm_error_with_code.sse"),
                error(Some(400), "too long"),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::Broken,
            ..stream("garbage", include_bytes!("../../fixtures/openai/garbage.sse"), Expected::default())
        },
    ]
}

fn error(status: Option<u16>, message: &'static str) -> Expected {
    Expected { error: Some((status, message)), ..Expected::default() }
}
