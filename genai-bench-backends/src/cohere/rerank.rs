//! Documents, put in the order of their relevance.

use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::usage::WireUsage;
use crate::wire::request::RequestBody;
use crate::wire::{fields, items, json};

/// Asks how relevant each document is.
pub(super) fn write_request(body: &mut RequestBody<'_>, query: &str, documents: &[Arc<str>]) -> &'static str {
    body.set("query", query);
    body.set("documents", documents);
    "rerank"
}

/// Reads the answer to a request about `expected` documents.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Response { results, meta } = json::parse(body)?;
    items::report("ranked documents", results.len(), expected, events)?;
    if let Some(usage) = meta.and_then(WireUsage::input_usage) {
        events.usage(usage);
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Response {
    results: Vec<Ranked>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    meta: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
struct Ranked {
    #[serde(rename = "index")]
    _index: u64,
    #[serde(rename = "relevance_score")]
    _score: f64,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::{Value, json};

    use super::super::entry::encoded;

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let input = Input::Rerank { query: "q".into(), documents: vec!["a".into(), "b".into()] };
        let sdk = include_str!("../../fixtures/cohere/rerank_request.json");
        let sdk: Value = serde_json::from_str(sdk).unwrap();
        let asked = encoded(&Request::new("rerank-v3.5", input), &json!({"top_n": 1}));
        assert_eq!(asked, Ok(("/v2/rerank".to_owned(), sdk)));
    }
}
