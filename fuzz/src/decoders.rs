//! The decoder of each backend, over an answer in chunks.

use std::sync::LazyLock;

use genai_bench_backends::registry::ENTRIES;
use genai_bench_core::backend::Backend;
use genai_bench_core::conformance::{Cassette, Subject, decode_chunks};

use crate::cuts::chunks;

static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    ENTRIES.iter().flat_map(|entry| (entry.subjects)()).map(|(_, subject)| subject).collect()
});

/// Returns the backends and what each was asked in a recording, in an order that does not change.
fn cassettes() -> impl Iterator<Item = (&'static dyn Backend, &'static Cassette)> {
    SUBJECTS.iter().flat_map(|subject| {
        let backend: &'static dyn Backend = &*subject.backend;
        subject.cassettes.iter().map(move |cassette| (backend, cassette))
    })
}

/// Decodes an answer. The first two bytes choose the backend and the request, the third how the answer is cut.
pub(crate) fn run(data: &[u8]) {
    let [high, low, seed, body @ ..] = data else { return };
    let choices: Vec<_> = cassettes().collect();
    let choice = usize::from(u16::from_be_bytes([*high, *low])) % choices.len();
    let (backend, cassette) = choices[choice];
    let head = http_head(200, cassette.content_type);
    let (trace, outcome) = decode_chunks(backend.decoder(&cassette.request, &head), &chunks(body, *seed));
    let _ = (format!("{trace:?}"), outcome.map_err(|error| error.to_string()));
    let refused = http_head(400 + u16::from(*seed) % 200, cassette.content_type);
    let _ = backend.failure(&refused, body).to_string();
}

fn http_head(status: u16, content_type: &str) -> http::response::Parts {
    let response = http::Response::builder().status(status).header("content-type", content_type).body(());
    response.expect("a status and a content type of a recording").into_parts().0
}

/// Returns every recording.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let cassettes = (0_u16..).zip(cassettes());
    let seed = |(number, (backend, cassette)): (u16, (&dyn Backend, &Cassette))| {
        let name = format!("{number:03}-{}-{}", backend.name(), cassette.name).replace(['/', ' '], "-");
        let cut = if cassette.body.len() > 4_000 { 0 } else { 7 };
        (name, [&number.to_be_bytes()[..], &[cut], cassette.body].concat())
    };
    cassettes.map(seed).collect()
}
