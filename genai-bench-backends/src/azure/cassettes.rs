//! Recordings for the laws, beside those of the API that this is a dialect of.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::units::Tokens;

use crate::openai::{self, BaseUrl, Dialect, OpenAi, stream, usage};

const BY_HAND: &str = "written by hand from the provider's description of its filters, 2026-11-24";

/// The backend with the paths of v1 and both of their APIs, and with those of deployments.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let mut subjects = openai::subjects(super::dialect());
    for (way, subject) in &mut subjects {
        if way.is_empty() {
            subject.cassettes.extend(cassettes());
        }
    }
    let base = BaseUrl::as_given("http://localhost:8000/openai").expect("a plain URL is a base URL");
    let base = base.with_query("api-version", "2024-10-21");
    let dialect = Dialect { deployment_paths: true, model: Some("my-deploy".to_owned()), ..super::dialect() };
    let backend = Arc::new(OpenAi::new(base, dialect));
    subjects.push(("deployments", Subject { backend, cassettes: cassettes() }));
    subjects
}

fn cassettes() -> Vec<Cassette> {
    let chat = Expected {
        answer: "Hi",
        usage: Usage { reasoning: Some(Tokens(4)), cached: Some(Tokens(0)), ..usage(9, 12) },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let late = Expected {
        answer: "Snow ☃",
        usage: usage(9, 3),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let held_back = Expected {
        answer: "To make",
        usage: usage(9, 3),
        finish: Some(FinishReason::ContentFilter),
        ..Expected::default()
    };
    let error = Expected { error: Some((None, "(content_filter: Resp")), ..Expected::default() };
    let by_hand = |it| Cassette { origin: BY_HAND, ..it };
    vec![
        stream("chat_with_a_filter_first", include_bytes!("../../fixtures/azure/chat.sse"), chat),
        by_hand(stream(
            "asynchronous_filter",
            include_bytes!("../../fixtures/azure/asynchronous_filter.sse"),
            late,
        )),
        by_hand(stream(
            "content_filter",
            include_bytes!("../../fixtures/azure/content_filter.sse"),
            held_back,
        )),
        Cassette {
            role: Role::ErrorInside,
            ..by_hand(stream(
                "filter_error_midway",
                include_bytes!("../../fixtures/azure/error_midway.sse"),
                error,
            ))
        },
    ]
}
