//! Embeddings of texts. There are three methods: `predict` for the older models of Vertex AI, and for the newer ones
//! and for all of the Gemini API one method for a single text and one for several.

use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::endpoint::{Service, model_of_gemini};
use super::error;
use super::request::Content;
use super::usage::WireUsage;
use crate::wire::fields::{self, Count};
use crate::wire::request::RequestBody;
use crate::wire::vector::Vector;
use crate::wire::{items, json};

/// The fields with the inputs.
const INPUTS: [&str; 3] = ["instances", "content", "requests"];

/// Writes a request for one vector per text, and returns its method and body. Fields that belong to a text are repeated
/// for each.
///
/// # Errors
///
/// Returns a description of the input that cannot be requested.
pub(super) fn write_request(
    texts: &[Arc<str>],
    model: &str,
    service: &Service,
    extra: &Map<String, Value>,
) -> Result<(&'static str, Bytes), &'static str> {
    if service.is_vertex() && !embeds_content(model) {
        let (of_each, rest) = parted(extra, |it| matches!(it, "task_type" | "title"));
        let instances = texts.iter().map(|it| Instance { content: it, more: &of_each });
        let mut body = RequestBody::new(&rest);
        body.set("instances", &instances.collect::<Vec<_>>());
        return Ok(("predict", body.finish()));
    }
    if service.is_vertex()
        && let [text] = texts
    {
        let mut body = RequestBody::new(extra);
        body.set("content", &Content::from_text(text, Some("user")));
        return Ok(("embedContent", body.finish()));
    }
    if service.is_vertex() && model.contains("maas") {
        return Err("embeddings of several texts in one request: this model takes one");
    }
    let model = (!service.is_vertex()).then(|| model_of_gemini(model));
    let (of_each, rest) = parted(extra, |it| !matches!(it, "requests" | "content" | "model"));
    // The SDK sends the role of a text to the Gemini API only.
    let role = model.is_some().then_some("user");
    let item =
        |text| Item { model: model.as_deref(), content: Content::from_text(text, role), more: &of_each };
    let mut body = RequestBody::new(&rest);
    body.set("requests", &texts.iter().map(|it| item(it)).collect::<Vec<_>>());
    Ok(("batchEmbedContents", body.finish()))
}

/// Returns the number of vectors requested, unless `extra` replaces the inputs.
pub(super) fn expected_count(texts: &[Arc<str>], extra: &Map<String, Value>) -> Option<usize> {
    let is_ours = !INPUTS.iter().any(|it| extra.contains_key(*it));
    is_ours.then_some(texts.len())
}

/// Reads the response to a request for `expected` vectors. Their numbers are not read.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response = json::parse(body)?;
    if let Some(error) = answer.error {
        events.failed(error::from_value(&error));
        return Ok(());
    }
    let predictions = answer.predictions.unwrap_or_default();
    let vectors = answer.embeddings.map_or(0, |it| it.len()) + usize::from(answer.embedding.is_some());
    items::report("embeddings", predictions.len() + vectors, expected, events)?;
    match answer.usage_metadata {
        Some(usage) => events.usage(Usage { output: None, reasoning: None, ..usage.into() }),
        None => {
            let counts: Option<Vec<u64>> = predictions.iter().map(|it| it.embeddings.tokens()).collect();
            if let Some(counts) = counts.filter(|it| !it.is_empty()) {
                let input = counts.into_iter().fold(0, u64::saturating_add);
                events.usage(Usage { input: Some(Tokens(input)), ..Usage::default() });
            }
        }
    }
    Ok(())
}

/// Returns `true` if a model of Vertex AI has `embedContent` in place of `predict`: the SDK's rule for newer models.
fn embeds_content(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.contains("maas") || name.contains("gemini")
}

/// Splits the fields into those whose names fulfil `is_first`, and the others.
fn parted(
    fields: &Map<String, Value>,
    is_first: fn(&str) -> bool,
) -> (Map<String, Value>, Map<String, Value>) {
    fields.clone().into_iter().partition(|(name, _)| is_first(name))
}

/// A text for `predict`.
#[derive(Debug, Serialize)]
struct Instance<'a> {
    content: &'a str,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

/// A text of a batch.
#[derive(Debug, Serialize)]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    content: Content<'a>,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

/// A response of any of the three methods.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    predictions: Option<Vec<Prediction>>,
    embedding: Option<Embedding>,
    embeddings: Option<Vec<Embedding>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage_metadata: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Prediction {
    embeddings: Embedding,
}

#[derive(Debug, Deserialize)]
struct Embedding {
    #[serde(rename = "values")]
    _vector: Vector,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    statistics: Option<Statistics>,
}

#[derive(Debug, Deserialize)]
struct Statistics {
    /// The number of tokens, written with a fraction, such as `2.0`: the service has no integers here.
    token_count: Count,
}

impl Embedding {
    /// Returns the number of tokens of the text.
    fn tokens(&self) -> Option<u64> {
        self.statistics.as_ref()?.token_count.get()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(texts: &[&str]) -> Vec<Arc<str>> {
        texts.iter().map(|it| Arc::from(*it)).collect()
    }

    #[test]
    fn the_gemini_api_wants_the_model_beside_each_text() {
        let service = Service::gemini(None).unwrap();
        let extra = json!({"outputDimensionality": 256});
        let (method, body) =
            write_request(&texts(&["a"]), "m", &service, extra.as_object().unwrap()).unwrap();
        let expected = json!({"requests": [
            {"model": "models/m", "content": {"role": "user", "parts": [{"text": "a"}]},
                "outputDimensionality": 256}]});
        assert_eq!(
            (method, serde_json::from_slice::<Value>(&body).unwrap()),
            ("batchEmbedContents", expected)
        );
    }

    #[test]
    fn models_of_partners_take_one_text_at_a_time() {
        let service = Service::vertex("p", "global", None).unwrap();
        let ask = |them: &[&str]| write_request(&texts(them), "intfloat/e5-maas", &service, &Map::new());
        assert_eq!(ask(&["a"]).unwrap().0, "embedContent");
        assert!(ask(&["a", "b"]).unwrap_err().contains("this model takes one"));
    }

    #[test]
    fn which_method_a_model_has_follows_from_its_name() {
        for (model, embeds) in [
            ("text-embedding-005", false),
            ("publishers/google/models/text-multilingual-embedding-002", false),
            ("gemini-embedding-001", true),
            ("google/gemini-embedding-2", true),
            ("e5-maas", true),
        ] {
            assert_eq!(embeds_content(model), embeds, "{model}");
        }
    }

    #[test]
    fn who_asks_for_something_else_is_not_held_to_our_number() {
        assert_eq!(expected_count(&texts(&["a", "b"]), &Map::new()), Some(2));
        let extra = json!({"instances": [{"content": "c"}]});
        assert_eq!(expected_count(&texts(&["a", "b"]), extra.as_object().unwrap()), None);
    }
}
