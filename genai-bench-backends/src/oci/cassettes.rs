//! Recordings for the conformance laws. The expected content of the SDK's recordings is the output of the OCI Python
//! SDK 2.189.0: it parses unstreamed answers, and of streams the events.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::units::Tokens;
use serde_json::json;

use super::backend::Oci;
use super::extra_params::ExtraParams;
use super::format::Format;
use super::serving::Serving;
use crate::entry::Settings;

mod cohere;
mod cohere_v2;
mod generic;
mod items;

const SDK: &str = "canned body, read by the OCI Python SDK 2.189.0, 2026-11-23";
const BY_HAND: &str =
    "written by hand from the models of the OCI Python SDK 2.189.0, which reads it, 2026-11-25";

/// Returns the backend of `format`, with its recordings.
pub(super) fn subjects(format: Format) -> Vec<(&'static str, Subject)> {
    let cassettes = match format {
        Format::Cohere => [cohere::cassettes(), items::cassettes()].concat(),
        Format::CohereV2 => cohere_v2::cassettes(),
        Format::Generic => generic::cassettes(),
    };
    let mut fields = json!({"compartmentId": "c"}).as_object().cloned().unwrap_or_default();
    let serving =
        Serving::from_settings(&Settings::default(), None, &mut fields).expect("there is a compartment");
    let backend = Oci {
        format,
        base: "https://h/20231130/actions".to_owned(),
        serving,
        extra_params: ExtraParams::default(),
        headers: http::HeaderMap::new(),
    };
    vec![("", Subject { backend: Arc::new(backend), cassettes })]
}

fn hello() -> Request {
    Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)))
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

fn whole(name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    let request = hello().unstreamed();
    Cassette { request, content_type: "application/json", ..stream(name, body, expected) }
}

fn broken(cassette: Cassette) -> Cassette {
    Cassette { role: Role::Broken, expected: Expected::default(), ..cassette }
}

/// Returns a cassette with an error inside a successful response: its status, and a part of its message.
fn failing(cassette: Cassette, status: Option<u16>, message: &'static str) -> Cassette {
    let expected = Expected { error: Some((status, message)), ..Expected::default() };
    Cassette { role: Role::ErrorInside, expected, ..cassette }
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() }
}

/// Returns the expectation of a text with the finish reason `stop`.
fn answer(answer: &'static str, usage: Usage) -> Expected {
    Expected { answer, usage, finish: Some(FinishReason::Stop), ..Expected::default() }
}
