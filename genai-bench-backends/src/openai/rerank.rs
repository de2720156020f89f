//! Reranking of documents.
//!
//! The provider itself has no such API. vLLM's response is an object, `SGLang`'s a list.

use std::sync::Arc;

use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;
use serde_json::Value;

use super::Dialect;
use super::usage::WireUsage;
use crate::wire::fields::{self, Count, Number};
use crate::wire::request::RequestBody;
use crate::wire::{error, items, json};

/// Writes a request for the relevance of each document.
///
/// # Errors
///
/// Returns a description of what cannot be requested.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    query: &str,
    documents: &[Arc<str>],
    dialect: &Dialect,
) -> Result<&'static str, &'static str> {
    if !dialect.reranks {
        return Err("reranking");
    }
    body.set("query", query);
    body.set("documents", documents);
    Ok("rerank")
}

/// Reads the response to a request with `expected` documents.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let (ranked, usage) = if body.trim_ascii_start().starts_with(b"[") {
        let ranked: Vec<Ranked> = json::parse(body)?;
        let usage = counted_one_by_one(&ranked);
        (ranked, usage)
    } else {
        let answer: Response = json::parse(body)?;
        if let Some(error) = answer.error.filter(error::is_error) {
            events.failed(error::from_value(&error));
            return Ok(());
        }
        (answer.results.unwrap_or_default(), answer.usage.map(WireUsage::input_usage))
    };
    if ranked.iter().any(|document| document.relevance_score.get().or(document.score.get()).is_none()) {
        return Err(DecodeError::Malformed("a ranked document without a relevance_score".into()));
    }
    items::report("ranked documents", ranked.len(), expected, events)?;
    if let Some(usage) = usage {
        events.usage(usage);
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Response {
    results: Option<Vec<Ranked>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Ranked {
    #[serde(rename = "index")]
    _index: u64,
    /// The score. `SGLang` calls it `score`, and gateways send both.
    #[serde(default)]
    relevance_score: Number,
    #[serde(default)]
    score: Number,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    meta_info: Option<MetaInfo>,
}

#[derive(Debug, Deserialize)]
struct MetaInfo {
    prompt_tokens: Count,
}

/// Returns the sum of the tokens of all pairs of query and document, where each has a count.
fn counted_one_by_one(ranked: &[Ranked]) -> Option<Usage> {
    let counts = ranked.iter().map(|it| it.meta_info.as_ref()?.prompt_tokens.get());
    let total: u64 = counts.sum::<Option<u64>>()?;
    Some(Usage { input: Some(Tokens(total)), ..Usage::default() })
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::request::{encode, encoded};
    use super::*;

    #[test]
    fn a_query_and_its_documents_are_sent_to_who_can_rank_them() {
        let input = Input::Rerank { query: "q".into(), documents: vec!["a".into(), "b".into()] };
        let request = Request::new("m", input);
        let expected = json!({"model": "m", "query": "q", "documents": ["a", "b"]});
        assert_eq!(encoded(&request, &Dialect::self_hosted("vllm")), ("rerank", expected));
        assert_eq!(encode(&request, &Dialect::openai()).unwrap_err(), "reranking");
    }

    #[test]
    fn tokens_are_counted_only_where_every_document_has_a_count() {
        let ranked = |json| counted_one_by_one(&serde_json::from_value::<Vec<Ranked>>(json).unwrap());
        let one = json!({"index": 0, "score": 0.9, "meta_info": {"prompt_tokens": 5}});
        let other = json!({"index": 1, "score": 0.1, "meta_info": null});
        assert_eq!(ranked(json!([one, one])).unwrap().input, Some(Tokens(10)));
        assert_eq!(ranked(json!([one, other])), None);
    }
}
