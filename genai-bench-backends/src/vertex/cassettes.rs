//! Recordings for the conformance laws. Those from the SDK's tests were made on 2026-11-23 against the Python SDK
//! 3.4.0, whose parsed output is the expectation; the others were written by hand, as noted beside them.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::credentials::ACCESS_TOKEN;
use super::entry;
use crate::entry::Settings;

mod media;
mod partners;

const SDK: &str = "canned body, read by the google-genai Python SDK 3.4.0, 2026-11-23";
const BY_HAND: &str = "written by hand from the API references as the project noted them, 2026-11-24";

/// Returns the backends of both services, with their recordings.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let google = [answers(), endings(), whole_answers(), errors(), embeddings(), media::cassettes()].concat();
    let vertex = [google.clone(), predictions(), media::imagen_cassettes(), partners::cassettes()].concat();
    let token = (ACCESS_TOKEN, "ya29.EXAMPLE");
    vec![
        ("", subject(&[("gcp-project-id", "p"), token], None, vertex)),
        (
            "endpoint",
            subject(
                &[("gcp-project-id", "p"), ("gcp-endpoint-id", "1"), token],
                None,
                partners::openai_cassettes(),
            ),
        ),
        ("gemini-api", subject(&[], Some("AIzaEXAMPLE"), google)),
    ]
}

fn subject(options: &[(&'static str, &str)], api_key: Option<&str>, cassettes: Vec<Cassette>) -> Subject {
    let options = options.iter().map(|(name, value)| (*name, (*value).into())).collect();
    let settings = Settings { options, api_key: api_key.map(Into::into), ..Settings::default() };
    let endpoint = entry::build(&settings).expect("these settings are valid");
    Subject { backend: endpoint.backend, cassettes }
}

fn error(status: Option<u16>, message: &'static str) -> Expected {
    Expected { error: Some((status, message)), ..Expected::default() }
}

fn hello() -> Request {
    Request::chat("gemini-x", "Hello", OutputLength::AtMost(Tokens(16)))
}

fn stream(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette {
        name,
        origin: BY_HAND,
        role: Role::Answer,
        request: hello(),
        content_type: "text/event-stream",
        body,
        expected,
    }
}

fn whole(name: &'static str, request: Request, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette { request, content_type: "application/json; charset=UTF-8", ..stream(name, body, expected) }
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() }
}

fn answers() -> Vec<Cassette> {
    let body = include_bytes!("../../fixtures/vertex/stream.sse");
    let expected = Expected {
        answer: "Hi!",
        reasoning: "thinking...",
        usage: Usage { reasoning: Some(Tokens(24)), ..usage(4, 26) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let shown = [Media::image("data:image/png;base64,QUJD"), Media::video("data:video/mp4;base64,QUJD")];
    let messages = vec![Message::system("Be brief."), Message::user("What is this?").showing(shown)];
    let seeing = Request::new("gemini-x", Input::Chat { messages, output: OutputLength::Free });
    vec![
        Cassette { origin: SDK, ..stream("stream", body, expected.clone()) },
        Cassette { origin: SDK, request: seeing, ..stream("stream_of_what_is_shown", body, expected) },
    ]
}

fn endings() -> Vec<Cassette> {
    let tool_call = Expected {
        answer: "Let me look.weather{\"city\":\"Zürich ☃\"}now",
        usage: usage(7, 12),
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let thoughts_told_once = Expected {
        answer: "ab",
        usage: Usage { reasoning: Some(Tokens(24)), ..usage(4, 27) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let thoughts_only = Expected {
        reasoning: "Hm",
        usage: Usage { reasoning: Some(Tokens(16)), cached: Some(Tokens(4)), ..usage(7, 16) },
        finish: Some(FinishReason::Length),
        ..Expected::default()
    };
    let safety = Expected {
        answer: "How to",
        usage: usage(7, 2),
        finish: Some(FinishReason::ContentFilter),
        ..Expected::default()
    };
    let unknown = Expected {
        answer: "1 \"☃\"",
        usage: usage(7, 3),
        finish: Some(FinishReason::Other("RECITATION_OF_NEWS".to_owned())),
        ..Expected::default()
    };
    vec![
        stream("tool_call", include_bytes!("../../fixtures/vertex/tool_call.sse"), tool_call),
        stream(
            "thoughts_told_once",
            include_bytes!("../../fixtures/vertex/thoughts_told_once.sse"),
            thoughts_told_once,
        ),
        stream("thoughts_only", include_bytes!("../../fixtures/vertex/thoughts_only.sse"), thoughts_only),
        stream("safety", include_bytes!("../../fixtures/vertex/safety.sse"), safety),
        Cassette {
            role: Role::Unknown,
            ..stream("unknown_parts", include_bytes!("../../fixtures/vertex/unknown_parts.sse"), unknown)
        },
    ]
}

fn whole_answers() -> Vec<Cassette> {
    let answer = Expected { answer: "Hello ☃", finish: Some(FinishReason::Stop), ..Expected::default() };
    let one = Expected {
        reasoning: "Greet",
        usage: Usage { reasoning: Some(Tokens(2)), cached: Some(Tokens(5)), ..usage(7, 5) },
        ..answer.clone()
    };
    let array = Expected { usage: usage(7, 3), ..answer };
    vec![
        whole("whole", hello().unstreamed(), include_bytes!("../../fixtures/vertex/whole.json"), one),
        whole("array", hello(), include_bytes!("../../fixtures/vertex/array.json"), array),
        Cassette {
            role: Role::Broken,
            ..whole(
                "whole_without_end",
                hello().unstreamed(),
                include_bytes!("../../fixtures/vertex/whole_without_end.json"),
                Expected::default(),
            )
        },
    ]
}

fn errors() -> Vec<Cassette> {
    vec![
        error_inside(stream(
            "blocked",
            include_bytes!("../../fixtures/vertex/blocked.sse"),
            error(None, "the prompt was blocked: PROHIBITED_CONTENT: The prompt is not allowed."),
        )),
        error_inside(stream(
            "error_midway",
            include_bytes!("../../fixtures/vertex/error_midway.sse"),
            error(Some(503), "UNAVAILABLE: The model is overloaded."),
        )),
        error_inside(stream(
            "error_without_event",
            include_bytes!("../../fixtures/vertex/error_without_event.sse"),
            error(Some(503), "UNAVAILABLE: The model is overloaded."),
        )),
        error_inside(whole(
            "error_instead_of_a_stream",
            hello(),
            include_bytes!("../../fixtures/vertex/error.json"),
            error(Some(429), "RESOURCE_EXHAUSTED: Resource exhausted."),
        )),
        Cassette {
            role: Role::Broken,
            ..stream("garbage", include_bytes!("../../fixtures/vertex/garbage.sse"), Expected::default())
        },
    ]
}

fn texts(model: &str, texts: &[&str]) -> Request {
    let texts = texts.iter().map(|it| Arc::from(*it)).collect();
    Request::new(model, Input::Embeddings { texts, images: Vec::new() })
}

fn items(items: u64, input: u64) -> Expected {
    let usage = Usage { input: Some(Tokens(input)), ..Usage::default() };
    Expected { items, usage, ..Expected::default() }
}

fn predictions() -> Vec<Cassette> {
    let body = include_bytes!("../../fixtures/vertex/predict.json");
    vec![
        Cassette {
            origin: SDK,
            ..whole("predict", texts("text-embedding-005", &["a", "b"]), body, items(2, 2))
        },
        Cassette {
            origin: SDK,
            role: Role::Broken,
            ..whole("predict_of_one_too_many", texts("text-embedding-005", &["a"]), body, Expected::default())
        },
    ]
}

fn embeddings() -> Vec<Cassette> {
    let model = "gemini-embedding-2";
    let refused = Expected { error: Some((Some(400), "INVALID_ARGUMENT: The model")), ..Expected::default() };
    vec![
        Cassette {
            origin: SDK,
            ..whole(
                "embed_content",
                texts(model, &["a"]),
                include_bytes!("../../fixtures/vertex/embed_content.json"),
                items(1, 1),
            )
        },
        Cassette {
            origin: SDK,
            ..whole(
                "batch_embed_contents",
                texts(model, &["a", "b"]),
                include_bytes!("../../fixtures/vertex/batch_embed_contents.json"),
                items(2, 2),
            )
        },
        Cassette {
            role: Role::ErrorInside,
            ..whole(
                "embeddings_error",
                texts(model, &["a"]),
                include_bytes!("../../fixtures/vertex/embeddings_error.json"),
                refused,
            )
        },
    ]
}

fn error_inside(cassette: Cassette) -> Cassette {
    Cassette { role: Role::ErrorInside, ..cassette }
}
