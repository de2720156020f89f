//! Recordings for the laws.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::ServerTime;
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::openai::Conversations;
use super::{BaseUrl, Bedrock};
use crate::openai;

const BOTOCORE: &str =
    "canned frames, read by botocore 1.44.5 and @smithy/eventstream-codec 4.5.2, 2026-11-23";
const BY_HAND: &str =
    "written by hand from the bedrock-runtime service model of botocore 1.44.5 and AWS's guide, 2026-11-24";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/bedrock/", $name))
    };
}

mod invoke;
mod items;

/// The backend in each of its ways, and what it must understand.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let base = BaseUrl::from_region("us-east-1").expect("it is a region");
    let cassettes = [answers(), whole_answers(), items::cassettes(), errors()].concat();
    let backend = Bedrock::new(base);
    let invoking = Arc::new(backend.clone().with_invoke_model());
    let mut subjects = vec![
        ("", Subject { backend: Arc::new(backend), cassettes }),
        ("invoke", Subject { backend: invoking, cassettes: invoke::cassettes() }),
    ];
    subjects.extend(conversations());
    subjects
}

/// What `OpenAI`'s API says in conversations, through both of its ways.
fn conversations() -> impl Iterator<Item = (&'static str, Subject)> {
    openai::subjects(super::openai::dialect()).into_iter().map(|(way, mut subject)| {
        subject.cassettes.retain(|it| matches!(it.request.input, Input::Chat { .. }));
        subject.backend = Arc::new(Conversations(subject.backend));
        (if way.is_empty() { "openai" } else { "openai responses" }, subject)
    })
}

fn stream(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette {
        name,
        origin: BOTOCORE,
        role: Role::Answer,
        request: Request::chat("amazon.nova-lite-v1:0", "Hello", OutputLength::AtMost(Tokens(16))),
        content_type: "application/vnd.amazon.eventstream",
        body,
        expected,
    }
}

/// The same, with what the service says of its own times, in milliseconds.
fn timed(first_token: Option<f64>, total: f64, expected: Expected) -> Expected {
    Expected { server_time: ServerTime::in_ms(first_token, Some(total)), ..expected }
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() }
}

fn answers() -> Vec<Cassette> {
    let text = Expected {
        answer: "Hello ☃",
        usage: Usage { cached: Some(Tokens(0)), ..usage(12, 5) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let reasoning = Expected {
        answer: "42",
        reasoning: "Let me ",
        usage: usage(9, 30),
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let tool = Expected {
        answer: r#"get_weather{"city":"Paris"}"#,
        usage: usage(40, 20),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let unknown = Expected { finish: Some(FinishReason::Stop), ..Expected::default() };
    let shown = Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]);
    let picture = Input::Chat { messages: vec![shown], output: OutputLength::AtMost(Tokens(16)) };
    vec![
        stream("converse_text", fixture!("converse_text.eventstream"), timed(None, 417.0, text.clone())),
        Cassette {
            request: Request::new("amazon.nova-lite-v1:0", picture),
            ..stream("converse_of_a_picture", fixture!("converse_text.eventstream"), timed(None, 417.0, text))
        },
        stream(
            "converse_reasoning_then_text",
            fixture!("converse_reasoning_then_text.eventstream"),
            timed(None, 900.0, reasoning),
        ),
        stream("converse_tool_use", fixture!("converse_tool_use.eventstream"), timed(None, 500.0, tool)),
        Cassette {
            role: Role::Unknown,
            ..stream(
                "converse_unknown_event_is_skipped",
                fixture!("converse_unknown_event_is_skipped.eventstream"),
                unknown,
            )
        },
    ]
}

fn whole_answers() -> Vec<Cassette> {
    let whole = |name, body, expected| {
        let cassette = stream(name, body, expected);
        let request = cassette.request.clone().unstreamed();
        Cassette { origin: BY_HAND, content_type: "application/json", request, ..cassette }
    };
    let text = Expected {
        answer: "Hello ☃",
        reasoning: "Greet",
        usage: Usage { cached: Some(Tokens(3)), ..usage(14, 6) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let tool = Expected {
        answer: r#"get_weather{"city":"Paris","days":2}"#,
        usage: usage(40, 20),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    vec![
        whole("converse_whole", fixture!("converse_whole.json"), timed(None, 417.0, text)),
        whole("converse_whole_tool_use", fixture!("converse_whole_tool_use.json"), timed(None, 500.0, tool)),
        Cassette {
            role: Role::Broken,
            ..whole("converse_whole_without_output", br#"{"usage":{"inputTokens":1}}"#, Expected::default())
        },
    ]
}

fn errors() -> Vec<Cassette> {
    let error = |name, body, status, message| Cassette {
        role: Role::ErrorInside,
        ..stream(name, body, Expected { error: Some((status, message)), ..Expected::default() })
    };
    let broken = |name, body| Cassette { role: Role::Broken, ..stream(name, body, Expected::default()) };
    vec![
        error(
            "converse_throttled_midstream",
            fixture!("converse_throttled_midstream.eventstream"),
            Some(429),
            "throttlingException: Too many tokens, please wait before trying again.",
        ),
        error(
            "converse_model_stream_error",
            fixture!("converse_model_stream_error.eventstream"),
            Some(500),
            "modelStreamErrorException: The system encountered an unexpected error",
        ),
        error(
            "converse_error_message_type",
            fixture!("converse_error_message_type.eventstream"),
            None,
            "InternalFailure: An internal server error occurred",
        ),
        broken("prelude_crc_wrong", fixture!("malformed_prelude_crc_wrong.eventstream")),
        broken("message_crc_wrong", fixture!("malformed_message_crc_wrong.eventstream")),
        broken("payload_bit_flipped", fixture!("malformed_payload_or_header_bit_flipped.eventstream")),
    ]
}
