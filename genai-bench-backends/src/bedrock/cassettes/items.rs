//! Recordings of what comes in items: embeddings, rankings and pictures.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::Usage;
use genai_bench_core::request::{Input, Media, Request};
use genai_bench_core::units::Tokens;

use super::{BY_HAND, stream};

const BY_HAND_FROM_OTHERS: &str =
    "written by hand as code of others reads it: no SDK was seen with such an answer, 2026-11-24";

const GUIDE: &str = "written by hand from the answers that AWS's guides show, 2026-11-25";

/// All of them.
pub(super) fn cassettes() -> Vec<Cassette> {
    [embeddings(), embeddings_of_pictures(), reranking(), pictures()].concat()
}

fn whole(name: &'static str, model: &'static str, input: Input, body: &'static [u8], items: u64) -> Cassette {
    let expected = Expected { items, ..Expected::default() };
    let request = Request::new(model, input);
    Cassette { origin: GUIDE, content_type: "application/json", request, ..stream(name, body, expected) }
}

fn embeddings() -> Vec<Cassette> {
    let embed = |name, model: &'static str, texts: &[&'static str], body, items, input: Option<u64>| {
        let texts = texts.iter().map(|it| (*it).into()).collect();
        let cassette = whole(name, model, Input::Embeddings { texts, images: vec![] }, body, items);
        let usage = Usage { input: input.map(Tokens), ..Usage::default() };
        Cassette { origin: BY_HAND, expected: Expected { usage, ..cassette.expected.clone() }, ..cassette }
    };
    let cohere = "cohere.embed-english-v3";
    let nova = "amazon.nova-2-multimodal-embeddings-v1:0";
    vec![
        embed("titan", "amazon.titan-embed-text-v2:0", &["a"], fixture!("titan.json"), 1, Some(3)),
        embed("cohere", cohere, &["a", "b"], fixture!("cohere.json"), 2, None),
        embed("cohere_by_type", "cohere.embed-v4:0", &["a"], fixture!("cohere_by_type.json"), 1, None),
        Cassette { origin: GUIDE, ..embed("nova", nova, &["a"], fixture!("nova_embeddings.json"), 1, None) },
        Cassette {
            role: Role::Broken,
            ..embed("cohere_too_few", cohere, &["a", "b", "c"], fixture!("cohere.json"), 0, None)
        },
    ]
}

fn embeddings_of_pictures() -> Vec<Cassette> {
    let shown =
        || Input::Embeddings { texts: vec![], images: vec![Media::image("data:image/png;base64,QUJD")] };
    let titan = "amazon.titan-embed-image-v1";
    let refused = br#"{"embedding":null,"inputTextTokenCount":0,"message":"the picture is too large"}"#;
    let error = Expected { error: Some((None, "the picture is too large")), ..Expected::default() };
    vec![
        whole("titan_of_a_picture", titan, shown(), fixture!("titan_image_embedding.json"), 1),
        whole("cohere_of_a_picture", "cohere.embed-v4:0", shown(), fixture!("cohere_by_type.json"), 1),
        whole(
            "nova_of_a_picture",
            "amazon.nova-2-multimodal-embeddings-v1:0",
            shown(),
            fixture!("nova_embeddings.json"),
            1,
        ),
        Cassette {
            role: Role::ErrorInside,
            expected: error,
            ..whole("titan_of_a_picture_refused", titan, shown(), refused, 0)
        },
    ]
}

fn reranking() -> Vec<Cassette> {
    let rank = |name, model: &'static str, documents: &[&'static str], items| {
        let documents = documents.iter().map(|it| (*it).into()).collect();
        let input = Input::Rerank { query: "q".into(), documents };
        Cassette { origin: BY_HAND_FROM_OTHERS, ..whole(name, model, input, fixture!("rerank.json"), items) }
    };
    let too_few = rank("rerank_too_few", "amazon.rerank-v1:0", &["a", "b", "c"], 0);
    vec![rank("rerank", "cohere.rerank-v3-5:0", &["a", "b"], 2), Cassette { role: Role::Broken, ..too_few }]
}

fn pictures() -> Vec<Cassette> {
    let wanted = |count| Input::Images { prompt: "a cat".into(), size: Some((1024, 1024)), count };
    let (titan, nova) = ("amazon.titan-image-generator-v2:0", "amazon.nova-canvas-v1:0");
    let stability = "stability.stable-image-core-v1:1";
    let refused = |message, cassette| Cassette {
        role: Role::ErrorInside,
        expected: Expected { error: Some((None, message)), ..Expected::default() },
        ..cassette
    };
    vec![
        whole("titan_images", titan, wanted(2), fixture!("titan_images.json"), 2),
        whole("nova_images", nova, wanted(2), fixture!("titan_images.json"), 2),
        whole("stability_images", stability, wanted(1), fixture!("stability_images.json"), 1),
        refused(
            "blocked by our content filters",
            whole("nova_images_filtered", nova, wanted(2), fixture!("nova_images_filtered.json"), 0),
        ),
        refused(
            "Filter reason: prompt",
            whole("stability_filtered", stability, wanted(1), fixture!("stability_images_filtered.json"), 0),
        ),
        Cassette {
            role: Role::Broken,
            ..whole("titan_images_too_few", titan, wanted(3), fixture!("titan_images.json"), 0)
        },
    ]
}
