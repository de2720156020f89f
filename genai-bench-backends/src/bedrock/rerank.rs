//! Documents, put in the order of their relevance through `InvokeModel`.
//!
//! Sources: code of others that calls these two makers' models so, and the model's own refusal of another version;
//! AWS's guide shows the same ranking through another service.

use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Family;
use crate::wire::request::RequestBody;
use crate::wire::{items, json};

/// Asks how relevant each document is.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    told: Option<Family>,
    model: &str,
    query: &str,
    documents: &[Arc<str>],
    extra: &Map<String, Value>,
) -> Result<Bytes, &'static str> {
    const UNKNOWN: &str = "reranking by this model: it knows those whose id has amazon.rerank or cohere.rerank in it, \
        and --aws-bedrock-family cohere";
    let of_cohere = told.map_or(model.contains("cohere.rerank"), |it| it == Family::Cohere);
    if !of_cohere && (told.is_some() || !model.contains("amazon.rerank")) {
        return Err(UNKNOWN);
    }
    let mut body = RequestBody::new(extra);
    body.set("query", query);
    body.set("documents", documents);
    // Credential ranks all of them shows all of them.
    body.set("top_n", &documents.len());
    if of_cohere {
        body.set("api_version", &2);
    }
    Ok(body.finish())
}

/// Reads the answer to a request about `expected` documents, whose head told of `usage`.
pub(super) fn read(
    body: &[u8],
    expected: Option<usize>,
    usage: Usage,
    events: &mut Events<'_>,
) -> Result<(), DecodeError> {
    let answer: Response = json::parse(body)?;
    items::report("ranked documents", answer.results.len(), expected, events)?;
    if usage.input.is_some() {
        events.usage(usage);
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Response {
    results: Vec<Ranked>,
}

#[derive(Debug, Deserialize)]
struct Ranked {
    #[serde(rename = "index")]
    _index: u64,
    #[serde(rename = "relevance_score", alias = "relevanceScore")]
    _score: f64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_maker_is_asked_in_its_own_words() {
        let said = |model: &str, extra: Value| {
            let documents = [Arc::from("a"), Arc::from("b")];
            let body = write_request(None, model, "q", &documents, extra.as_object().unwrap())?;
            Ok::<Value, &'static str>(serde_json::from_slice(&body).unwrap())
        };
        let expected = json!({"query": "q", "documents": ["a", "b"], "top_n": 2});
        assert_eq!(said("amazon.rerank-v1:0", json!({})), Ok(expected));
        let expected = json!({"query": "q", "documents": ["a", "b"], "api_version": 2, "top_n": 1});
        assert_eq!(said("cohere.rerank-v3-5:0", json!({"top_n": 1})), Ok(expected));
        assert!(said("amazon.nova-lite-v1:0", json!({})).is_err());
    }
}
