//! Recordings of embeddings, rankings and pictures.

use std::sync::Arc;

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Request};
use genai_bench_core::units::Tokens;

use super::super::{Dialect, PictureEmbeddings};
use super::{stream, unstreamed, usage};

const BY_HAND: &str =
    "written by hand from the protocol classes of vLLM and SGLang, read in public copies, 2026-11-24";

/// Returns the recordings of everything that `dialect` supports.
pub(super) fn cassettes(dialect: &Dialect) -> Vec<Cassette> {
    let mut cassettes = [embeddings(), broken_embeddings(), images()].concat();
    if dialect.picture_embeddings != PictureEmbeddings::Unknown {
        cassettes.push(embedding_of_a_picture());
    }
    if dialect.reranks {
        cassettes.extend(rankings());
    }
    cassettes
}

fn input_tokens(tokens: u64) -> Usage {
    Usage { input: Some(Tokens(tokens)), ..Usage::default() }
}

fn items(items: u64, usage: Usage) -> Expected {
    Expected { items, usage, ..Expected::default() }
}

fn texts(texts: &[&str]) -> Request {
    let texts = texts.iter().map(|it| Arc::from(*it)).collect();
    Request::new("m", Input::Embeddings { texts, images: Vec::new() })
}

fn embeddings() -> Vec<Cassette> {
    vec![
        unstreamed(
            "embeddings",
            texts(&["a"]),
            include_bytes!("../../../fixtures/openai/embeddings.json"),
            items(1, input_tokens(1)),
        ),
        unstreamed(
            "embeddings_base64",
            texts(&["a"]),
            include_bytes!("../../../fixtures/openai/embeddings_base64.json"),
            items(1, input_tokens(2)),
        ),
        Cassette {
            origin: BY_HAND,
            ..unstreamed(
                "vllm_embeddings",
                texts(&["a", "b"]),
                include_bytes!("../../../fixtures/openai/vllm_embeddings.json"),
                items(2, input_tokens(14)),
            )
        },
    ]
}

fn broken_embeddings() -> Vec<Cassette> {
    vec![
        Cassette {
            role: Role::Broken,
            ..unstreamed(
                "embeddings_of_one_text_too_few",
                texts(&["a", "b"]),
                include_bytes!("../../../fixtures/openai/embeddings.json"),
                Expected::default(),
            )
        },
        Cassette {
            origin: BY_HAND,
            role: Role::ErrorInside,
            ..unstreamed(
                "embeddings_error",
                texts(&["a"]),
                include_bytes!("../../../fixtures/openai/embeddings_error.json"),
                Expected { error: Some((Some(400), "the model does not embed")), ..Expected::default() },
            )
        },
    ]
}

fn embedding_of_a_picture() -> Cassette {
    let images = vec![Media::image("data:image/png;base64,QUJD")];
    Cassette {
        origin: BY_HAND,
        ..unstreamed(
            "sglang_embedding_of_a_picture",
            Request::new("m", Input::Embeddings { texts: Vec::new(), images }),
            include_bytes!("../../../fixtures/openai/sglang_embeddings.json"),
            items(1, input_tokens(266)),
        )
    }
}

fn rankings() -> Vec<Cassette> {
    let request = |documents: &[&str]| {
        let documents = documents.iter().map(|it| Arc::from(*it)).collect();
        Request::new("m", Input::Rerank { query: "Where is the tower?".into(), documents })
    };
    let vllm = include_bytes!("../../../fixtures/openai/vllm_rerank.json");
    let sglang = include_bytes!("../../../fixtures/openai/sglang_rerank.json");
    let both = request(&["Rome", "Paris ☃"]);
    let cassettes = [
        unstreamed("vllm_rerank", both.clone(), vllm, items(2, input_tokens(24))),
        unstreamed("sglang_rerank", both, sglang, items(2, input_tokens(24))),
        Cassette {
            role: Role::Broken,
            ..unstreamed("rerank_of_too_many", request(&["Rome"]), sglang, Expected::default())
        },
    ];
    cassettes.map(|it| Cassette { origin: BY_HAND, ..it }).to_vec()
}

fn images() -> Vec<Cassette> {
    let request =
        |count| Request::new("m", Input::Images { prompt: "a cat".into(), size: Some((1024, 1024)), count });
    vec![
        unstreamed(
            "images",
            request(1),
            include_bytes!("../../../fixtures/openai/images.json"),
            items(1, usage(1, 2)),
        ),
        Cassette {
            request: request(1),
            ..stream(
                "images_stream",
                include_bytes!("../../../fixtures/openai/images.sse"),
                Expected { finish: Some(FinishReason::Stop), ..items(1, usage(50, 50)) },
            )
        },
        Cassette {
            origin: BY_HAND,
            ..unstreamed(
                "sglang_images",
                request(2),
                include_bytes!("../../../fixtures/openai/sglang_images.json"),
                items(2, Usage::default()),
            )
        },
    ]
}
