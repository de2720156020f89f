//! Recordings of speech.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::FinishReason;
use genai_bench_core::request::{Input, Request};

use super::{stream, unstreamed, usage};

const BY_HAND: &str = "written by hand, 2026-11-24: what gateways and proxies may send";

pub(super) fn cassettes() -> Vec<Cassette> {
    let request = Request::new("m", Input::Speech { text: "Hello".into() });
    let plain = Expected { audio_bytes: 22, ..Expected::default() };
    let events = Expected {
        audio_bytes: 3,
        usage: usage(3, 20),
        finish: Some(FinishReason::Unstated),
        ..Expected::default()
    };
    let page = Expected { error: Some((None, "no sound but: Sign in")), ..Expected::default() };
    let refused = Expected { error: Some((Some(404), "no such voice")), ..Expected::default() };
    vec![
        Cassette {
            request: request.clone(),
            content_type: "audio/mpeg",
            role: Role::Unmarked,
            ..stream("speech", include_bytes!("../../../fixtures/openai/speech.mp3"), plain)
        },
        Cassette {
            request: request.clone(),
            ..stream("speech_events", include_bytes!("../../../fixtures/openai/speech.sse"), events.clone())
        },
        Cassette {
            origin: BY_HAND,
            role: Role::Unknown,
            request: request.clone(),
            ..stream(
                "speech_unknown_event",
                include_bytes!("../../../fixtures/openai/speech_unknown_event.sse"),
                events,
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            request: request.clone(),
            content_type: "text/html",
            ..stream("speech_page", b"<html>Sign in</html>\n", page)
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            ..unstreamed(
                "speech_error",
                request,
                include_bytes!("../../../fixtures/openai/speech_error.json"),
                refused,
            )
        },
    ]
}
