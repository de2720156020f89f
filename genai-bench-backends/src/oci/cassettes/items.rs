//! Recordings of embeddings and of rankings.

use genai_bench_core::conformance::{Cassette, Expected};
use genai_bench_core::record::Usage;
use genai_bench_core::request::{Input, Media, Request};
use genai_bench_core::units::Tokens;

use super::{SDK, broken, failing, whole};

/// Returns all recordings.
pub(super) fn cassettes() -> Vec<Cassette> {
    [embeddings(), rankings()].concat()
}

fn items(items: u64) -> Expected {
    Expected { items, ..Expected::default() }
}

fn with_input(input: Input, cassette: Cassette) -> Cassette {
    Cassette { request: Request::new("m", input), ..cassette }
}

fn texts(number: usize) -> Input {
    Input::Embeddings { texts: vec!["a".into(); number], images: Vec::new() }
}

fn documents(number: usize) -> Input {
    Input::Rerank { query: "Where is the tower?".into(), documents: vec!["a".into(); number] }
}

fn embeddings() -> Vec<Cassette> {
    let embed = include_bytes!("../../../fixtures/oci/embed.json");
    let types = include_bytes!("../../../fixtures/oci/embed_types.json");
    let different = include_bytes!("../../../fixtures/oci/embed_types_of_different_numbers.json");
    let error = include_bytes!("../../../fixtures/oci/error.json");
    let counted = Usage { input: Some(Tokens(2)), ..Usage::default() };
    let images = vec![Media::image("data:image/png;base64,AAAA")];
    let picture = Input::Embeddings { texts: Vec::new(), images };
    let sdk = whole("embed", embed, Expected { usage: counted, ..items(2) });
    vec![
        with_input(texts(2), Cassette { origin: SDK, ..sdk }),
        with_input(texts(1), whole("embed_types", types, items(1))),
        with_input(picture, whole("embed_image", types, items(1))),
        with_input(texts(3), broken(whole("embed_of_one_text_too_few", embed, items(3)))),
        with_input(texts(2), broken(whole("embed_types_of_different_numbers", different, items(2)))),
        with_input(
            texts(1),
            failing(whole("embed_refused", error, items(0)), Some(429), "Request is throttled"),
        ),
    ]
}

fn rankings() -> Vec<Cassette> {
    let best = include_bytes!("../../../fixtures/oci/rerank.json");
    let rerank = include_bytes!("../../../fixtures/oci/rerank_with_documents.json");
    let error = include_bytes!("../../../fixtures/oci/error.json");
    let sdk = whole("rerank", best, items(1));
    vec![
        with_input(documents(1), Cassette { origin: SDK, ..sdk }),
        with_input(documents(2), whole("rerank_with_documents", rerank, items(2))),
        with_input(documents(1), broken(whole("rerank_of_too_many", rerank, items(1)))),
        with_input(
            documents(1),
            failing(whole("rerank_refused", error, items(0)), Some(429), "Request is throttled"),
        ),
    ]
}
