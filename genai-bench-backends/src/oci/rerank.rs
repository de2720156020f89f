//! Reranking of documents.

use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use crate::wire::request::RequestBody;
use crate::wire::{items, json};

/// Writes a request for the relevance of each document.
pub(super) fn write_request(body: &mut RequestBody<'_>, query: &str, documents: &[Arc<str>]) {
    body.set("input", query);
    body.set("documents", documents);
}

/// Reads the response to a request with `expected` documents. It has no token counts.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Response { document_ranks } = json::parse(body)?;
    items::report("ranked documents", document_ranks.len(), expected, events)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    document_ranks: Vec<Ranked>,
}

#[derive(Debug, Deserialize)]
struct Ranked {
    #[serde(rename = "index")]
    _index: u64,
    #[serde(rename = "relevanceScore")]
    _score: f64,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::entry::{encoded, sdk_request};
    use super::super::format::Format;

    #[test]
    fn the_service_is_asked_as_its_own_sdk_asks() {
        let input = Input::Rerank { query: "q".into(), documents: vec!["a".into(), "b".into()] };
        let request = Request::new("cohere.rerank.3-5", input);
        let extra = json!({"topN": 1, "isEcho": false, "maxTokensPerDocument": 512});
        let asked = encoded(Format::Cohere, &request, &extra);
        assert_eq!(asked, Ok(sdk_request("oci_rerank_text")));
    }
}
