//! Texts, of which vectors are made through `InvokeModel`, whose bodies are the models' own.
//!
//! Sources: the parameters of Amazon Titan Text Embeddings and of Cohere Embed in AWS's guide to Bedrock.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::event::{Events, Usage};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::units::Tokens;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::body::Body;
use crate::wire::vector::Vector;
use crate::wire::whole;

/// Whose models can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Titan,
    Cohere,
}

impl Family {
    /// By the id of a model, or the name of a profile that has it in it.
    fn of(model: &str) -> Option<Self> {
        let known = [("titan-embed", Self::Titan), ("cohere.embed", Self::Cohere)];
        known.into_iter().find(|(name, _)| model.contains(name)).map(|(_, family)| family)
    }
}

/// Asks for a vector of each.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn ask(
    model: &str,
    texts: &[Arc<str>],
    extra: &Map<String, Value>,
) -> Result<Bytes, &'static str> {
    const UNKNOWN: &str =
        "embeddings of this model: it knows those whose id has titan-embed or cohere.embed in it";
    let mut body = Body::new(extra);
    match (Family::of(model).ok_or(UNKNOWN)?, texts) {
        (Family::Titan, [text]) => body.set("inputText", text),
        (Family::Titan, _) => return Err("any number of texts but one in a request to Titan"),
        (Family::Cohere, _) => {
            body.set("texts", texts);
            body.set("input_type", "search_document");
        }
    }
    Ok(body.finish())
}

/// How many vectors are asked for, unless a person asks for something else in `extra`.
pub(super) fn asked(texts: &[Arc<str>], extra: &Map<String, Value>) -> Option<usize> {
    let is_ours = !extra.contains_key("inputText") && !extra.contains_key("texts");
    is_ours.then_some(texts.len())
}

/// Reads the answer to a request for `asked` vectors, whose head told of `usage`. None of their numbers is read.
pub(super) fn read(
    body: &[u8],
    asked: Option<usize>,
    mut usage: Usage,
    events: &mut Events<'_>,
) -> Result<(), DecodeError> {
    let answer: Answer = whole::parse(body)?;
    let came = match (&answer.embedding, &answer.embeddings) {
        (Some(Vector), _) => 1,
        (None, Some(Embeddings::Floats(vectors))) => vectors.len(),
        (None, Some(Embeddings::ByType(types))) => types.values().map(Vec::len).min().unwrap_or(0),
        (None, None) => 0,
    };
    whole::tell_items("embeddings", came, asked, events)?;
    usage.input = answer.input_text_token_count.map(Tokens).or(usage.input);
    if usage.input.is_some() {
        events.usage(usage);
    }
    Ok(())
}

/// Titan's answer, or Cohere's.
#[derive(Debug, Deserialize)]
struct Answer {
    embedding: Option<Vector>,
    #[serde(rename = "inputTextTokenCount")]
    input_text_token_count: Option<u64>,
    embeddings: Option<Embeddings>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Embeddings {
    Floats(Vec<Vector>),
    /// Where types were asked for, each has all vectors.
    ByType(BTreeMap<String, Vec<Vector>>),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TITAN: &str = "amazon.titan-embed-text-v2:0";

    fn said(model: &str, texts: &[&str], extra: &Value) -> Result<Value, &'static str> {
        let texts: Vec<Arc<str>> = texts.iter().map(|it| Arc::from(*it)).collect();
        let body = ask(model, &texts, extra.as_object().unwrap())?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn titan_is_asked_for_one_text_as_boto3_was() {
        let recorded: Value =
            serde_json::from_str(include_str!("../../fixtures/bedrock/sigv4.json")).unwrap();
        let mut cases = recorded["cases"].as_array().unwrap().iter();
        let case = cases.find(|it| it["name"] == "invoke-model titan embed v2").unwrap();
        let expected: Value = serde_json::from_str(case["body"].as_str().unwrap()).unwrap();
        let extra = json!({"dimensions": 256, "normalize": true});
        assert_eq!(said(TITAN, &["Hello"], &extra), Ok(expected));
        let refused = said(TITAN, &["a", "b"], &json!({}));
        assert_eq!(refused, Err("any number of texts but one in a request to Titan"));
    }

    #[test]
    fn cohere_is_asked_for_all_of_them() {
        let model = "us.cohere.embed-v4:0";
        let expected = json!({"texts": ["a", "b"], "input_type": "search_document"});
        assert_eq!(said(model, &["a", "b"], &json!({})), Ok(expected));
        let expected = json!({"texts": ["a"], "input_type": "search_query"});
        assert_eq!(said(model, &["a"], &json!({"input_type": "search_query"})), Ok(expected));
        assert!(said("amazon.nova-lite-v1:0", &["a"], &json!({})).is_err());
    }

    #[test]
    fn who_asks_for_something_else_is_not_held_to_our_number() {
        let texts = ["a".into(), "b".into()];
        assert_eq!(asked(&texts, &Map::new()), Some(2));
        assert_eq!(asked(&texts, json!({"texts": ["c"]}).as_object().unwrap()), None);
    }
}
