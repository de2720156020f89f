//! Recordings of embeddings and of rankings.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::Usage;
use genai_bench_core::request::{Input, Media, Request};
use genai_bench_core::units::Tokens;

use super::{error, whole};

/// All of them.
pub(super) fn cassettes() -> Vec<Cassette> {
    [embeddings(), rankings(), broken(), errors()].concat()
}

fn items(items: u64, input_tokens: Option<u64>) -> Expected {
    let usage = Usage { input: input_tokens.map(Tokens), ..Usage::default() };
    Expected { items, usage, ..Expected::default() }
}

fn texts(texts: &[&str]) -> Request {
    let texts = texts.iter().map(|it| Arc::from(*it)).collect();
    Request::new("m", Input::Embeddings { texts, images: Vec::new() })
}

fn documents(documents: &[&str]) -> Request {
    let documents = documents.iter().map(|it| Arc::from(*it)).collect();
    Request::new("m", Input::Rerank { query: "Where is the tower?".into(), documents })
}

fn embeddings() -> Vec<Cassette> {
    let images = vec![Media::image("data:image/png;base64,QUJD")];
    let picture = Request::new("m", Input::Embeddings { texts: Vec::new(), images });
    vec![
        whole(
            "embed",
            texts(&["a", "☃"]),
            include_bytes!("../../../fixtures/cohere/embed.json"),
            items(2, Some(4)),
        ),
        whole(
            "embed_types",
            texts(&["a"]),
            include_bytes!("../../../fixtures/cohere/embed_types.json"),
            items(1, Some(6)),
        ),
        whole(
            "embed_image",
            picture,
            include_bytes!("../../../fixtures/cohere/embed_image.json"),
            items(1, None),
        ),
    ]
}

fn rankings() -> Vec<Cassette> {
    vec![
        whole(
            "rerank",
            documents(&["Rome", "Paris ☃"]),
            include_bytes!("../../../fixtures/cohere/rerank.json"),
            items(2, None),
        ),
        whole(
            "rerank_tokens",
            documents(&["Paris"]),
            include_bytes!("../../../fixtures/cohere/rerank_tokens.json"),
            items(1, Some(24)),
        ),
    ]
}

fn broken() -> Vec<Cassette> {
    let embed = include_bytes!("../../../fixtures/cohere/embed.json");
    let types = include_bytes!("../../../fixtures/cohere/embed_types_of_different_numbers.json");
    let rerank = include_bytes!("../../../fixtures/cohere/rerank.json");
    let cassettes = [
        whole("embed_of_one_text_too_few", texts(&["a", "b", "c"]), embed, Expected::default()),
        whole("embed_types_of_different_numbers", texts(&["a", "b"]), types, Expected::default()),
        whole("embed_that_is_a_ranking", texts(&["a", "b"]), rerank, Expected::default()),
        whole("rerank_of_too_many", documents(&["Rome"]), rerank, Expected::default()),
    ];
    cassettes.map(|it| Cassette { role: Role::Broken, ..it }).to_vec()
}

fn errors() -> Vec<Cassette> {
    let message = include_bytes!("../../../fixtures/cohere/message.json");
    let cassettes = [
        whole("embed_message", texts(&["a"]), message, error("no healthy upstream")),
        whole("rerank_message", documents(&["a"]), message, error("no healthy upstream")),
    ];
    cassettes.map(|it| Cassette { role: Role::ErrorInside, ..it }).to_vec()
}
