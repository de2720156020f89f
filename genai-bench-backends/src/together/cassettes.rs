//! Recordings for the laws, beside those of the API that this is a dialect of.

use genai_bench_core::conformance::{Cassette, Expected, Subject};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Request};
use genai_bench_core::units::Tokens;

use crate::openai::{self, stream, unstreamed, usage};

const SDK: &str = "canned body, read by the together Python SDK 3.1.1, 2026-11-23";

/// The backend, without the API that it has not.
pub(super) fn subjects() -> Vec<(&'static str, Subject)> {
    let mut subjects = openai::subjects(super::dialect());
    subjects.retain(|(way, _)| way.is_empty());
    for (_, subject) in &mut subjects {
        subject.cassettes.extend(cassettes());
    }
    subjects
}

fn cassettes() -> Vec<Cassette> {
    let chat = Expected {
        answer: "Hi",
        usage: usage(5, 2),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let one = Expected { items: 1, ..Expected::default() };
    let ranked = Usage { input: Some(Tokens(1)), ..Usage::default() };
    let embeddings = Input::Embeddings { texts: vec!["a".into()], images: vec![] };
    let rerank = Input::Rerank { query: "q".into(), documents: vec!["a".into()] };
    let images = Input::Images { prompt: "cat".into(), size: Some((1024, 1024)), count: 1 };
    let cassettes = [
        stream("text_said_twice", include_bytes!("../../fixtures/together/chat.sse"), chat),
        unstreamed(
            "embeddings_without_counts",
            Request::new("m", embeddings),
            include_bytes!("../../fixtures/together/embeddings.json"),
            one.clone(),
        ),
        unstreamed(
            "rerank",
            Request::new("m", rerank),
            include_bytes!("../../fixtures/together/rerank.json"),
            Expected { usage: ranked, ..one.clone() },
        ),
        unstreamed(
            "images_in_width_and_height",
            Request::new("m", images),
            include_bytes!("../../fixtures/together/images.json"),
            one,
        ),
    ];
    cassettes.map(|it| Cassette { origin: SDK, ..it }).to_vec()
}
