//! Texts and pictures, of which vectors are made through `InvokeModel`, whose bodies are the models' own.
//!
//! Sources: the parameters of Amazon Titan's Text and Multimodal Embeddings and of Cohere Embed in AWS's guide to
//! Bedrock, and "Complete embeddings request and response schema" in its guide to Nova.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::record::Usage;
use genai_bench_core::request::Media;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::content::Picture;
use super::extra_params::joined;
use super::{ExtraParams, Family};
use crate::wire::fields::Count;
use crate::wire::request::RequestBody;
use crate::wire::vector::{Vector, VectorList};
use crate::wire::{items, json};

/// The family of a model that makes vectors: what a person says, or what its id or that of a profile has in it.
fn family(told: Option<Family>, model: &str) -> Option<Family> {
    let known = [
        ("titan-embed", Family::Titan),
        ("cohere.embed", Family::Cohere),
        ("nova-2-multimodal-embeddings", Family::Nova),
    ];
    told.or_else(|| known.into_iter().find(|(name, _)| model.contains(name)).map(|it| it.1))
}

/// Asks for a vector of each.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    told: Option<Family>,
    model: &str,
    texts: &[Arc<str>],
    images: &[Media],
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    match family(told, model) {
        Some(Family::Titan) => titan(model, texts, images, &extra_params.body),
        Some(Family::Cohere) => cohere(texts, images, &extra_params.body),
        Some(Family::Nova) => nova(texts, images, extra_params),
        _ => Err("embeddings of this model: it knows those whose id has titan-embed, cohere.embed or \
                  nova-2-multimodal-embeddings in it, and --aws-bedrock-family titan, cohere and nova"),
    }
}

fn titan(
    model: &str,
    texts: &[Arc<str>],
    images: &[Media],
    extra: &Map<String, Value>,
) -> Result<Bytes, &'static str> {
    let mut body = RequestBody::new(extra);
    match (texts, images) {
        ([text], []) => body.set("inputText", text),
        ([], [_]) if model.contains("titan-embed-text") => return Err("pictures for this model of Titan's"),
        ([], [image]) => body.set("inputImage", Picture::from_media(image)?.bytes),
        (_, []) => return Err("any number of texts but one in a request to Titan"),
        _ => return Err("anything but one picture in a request to Titan"),
    }
    Ok(body.finish())
}

fn cohere(texts: &[Arc<str>], images: &[Media], extra: &Map<String, Value>) -> Result<Bytes, &'static str> {
    let mut body = RequestBody::new(extra);
    match (texts, images) {
        (_, []) => {
            body.set("texts", texts);
            body.set("input_type", "search_document");
        }
        ([], [image]) => {
            Picture::from_media(image)?;
            body.set("images", &[&*image.url]);
            body.set("input_type", "image");
        }
        _ => return Err("anything but one picture in a request to Cohere"),
    }
    Ok(body.finish())
}

fn nova(texts: &[Arc<str>], images: &[Media], extra_params: &ExtraParams) -> Result<Bytes, &'static str> {
    let (kind, content) = match (texts, images) {
        ([text], []) => ("text", json!({"truncationMode": "END", "value": **text})),
        ([], [image]) => {
            let Picture { format, bytes } = Picture::from_media(image)?;
            ("image", json!({"format": format, "source": {"bytes": bytes}}))
        }
        _ => return Err("anything but one text or one picture in a request to Nova"),
    };
    let ours = [("embeddingPurpose", Some("GENERIC_INDEX".into())), (kind, Some(content))];
    let extra = joined(&extra_params.body, "singleEmbeddingParams", ours);
    let mut body = RequestBody::new(&extra);
    body.set("taskType", "SINGLE_EMBEDDING");
    Ok(body.finish())
}

/// How many vectors are asked for, unless a person asks for something else in `extra`.
pub(super) fn expected_count(
    texts: &[Arc<str>],
    images: &[Media],
    extra: &Map<String, Value>,
) -> Option<usize> {
    let is_theirs = ["images", "inputImage", "inputText", "texts"].iter().any(|it| extra.contains_key(*it));
    (!is_theirs).then_some(texts.len() + images.len())
}

/// Reads the answer to a request for `expected` vectors, whose head told of `usage`. None of their numbers is read.
pub(super) fn read(
    body: &[u8],
    expected: Option<usize>,
    mut usage: Usage,
    events: &mut Events<'_>,
) -> Result<(), DecodeError> {
    let answer: Response = json::parse(body)?;
    if let (None, Some(message)) = (&answer.embedding, answer.message) {
        events.failed(Failure::in_band(message));
        return Ok(());
    }
    let came = match (&answer.embedding, &answer.embeddings) {
        (Some(Vector), _) => 1,
        (None, Some(Embeddings::Floats(vectors))) => vectors.len(),
        (None, Some(Embeddings::ByKind(vectors))) => vectors.len(),
        (None, Some(Embeddings::ByType(types))) => {
            types.values().filter_map(|vectors| vectors.count()).min().unwrap_or(0)
        }
        (None, None) => 0,
    };
    items::report("embeddings", came, expected, events)?;
    // A picture has none, which Titan calls 0.
    usage.input = answer.input_text_token_count.tokens().filter(|it| it.0 > 0).or(usage.input);
    if usage.input.is_some() {
        events.usage(usage);
    }
    Ok(())
}

/// Titan's answer, Cohere's, or Nova's.
#[derive(Debug, Deserialize)]
struct Response {
    embedding: Option<Vector>,
    #[serde(rename = "inputTextTokenCount")]
    input_text_token_count: Count,
    embeddings: Option<Embeddings>,
    /// Of Titan: why there is no vector.
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Embeddings {
    Floats(Vec<Vector>),
    /// Of Nova, which says of each whether it is of a text or of a picture.
    ByKind(Vec<OfKind>),
    /// Where types were asked for, each has all vectors.
    ByType(BTreeMap<String, VectorList>),
}

#[derive(Debug, Deserialize)]
struct OfKind {
    #[serde(rename = "embedding")]
    _vector: Vector,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TITAN: &str = "amazon.titan-embed-text-v2:0";

    fn extra_params(extra: &Value) -> ExtraParams {
        ExtraParams::new(extra.as_object().unwrap().clone()).unwrap()
    }

    fn said(model: &str, texts: &[&str], extra: &Value) -> Result<Value, &'static str> {
        let texts: Vec<Arc<str>> = texts.iter().map(|it| Arc::from(*it)).collect();
        let body = write_request(None, model, &texts, &[], &extra_params(extra))?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    fn shown(model: &str, images: &[Media]) -> Result<Value, &'static str> {
        let body = write_request(None, model, &[], images, &ExtraParams::default())?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn one_picture_is_given_whole() {
        let picture = || Media::image("data:image/png;base64,QUJD");
        let model = "amazon.titan-embed-image-v1";
        assert_eq!(shown(model, &[picture()]), Ok(json!({"inputImage": "QUJD"})));
        assert!(shown(model, &[picture(), picture()]).is_err());
        assert!(shown(TITAN, &[picture()]).is_err());
        let expected = json!({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
            "embeddingPurpose": "GENERIC_INDEX", "image": {"format": "png", "source": {"bytes": "QUJD"}}}});
        assert_eq!(shown("amazon.nova-2-multimodal-embeddings-v1:0", &[picture()]), Ok(expected));
        let expected = json!({"images": ["data:image/png;base64,QUJD"], "input_type": "image"});
        assert_eq!(shown("cohere.embed-v4:0", &[picture()]), Ok(expected));
        let elsewhere = Media::image("https://h/a.png");
        assert!(shown("cohere.embed-v4:0", &[elsewhere]).is_err());
    }

    #[test]
    fn nova_is_told_what_a_vector_is_for_and_a_person_can_say_more() {
        let extra =
            json!({"singleEmbeddingParams": {"embeddingDimension": 256, "embeddingPurpose": "CLUSTERING"}});
        let expected = json!({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
            "embeddingDimension": 256, "embeddingPurpose": "CLUSTERING",
            "text": {"truncationMode": "END", "value": "a"}}});
        assert_eq!(said("us.amazon.nova-2-multimodal-embeddings-v1:0", &["a"], &extra), Ok(expected));
    }

    #[test]
    fn a_family_that_is_said_stands_for_the_id() {
        let body =
            write_request(Some(Family::Titan), "arn:x/abc", &["a".into()], &[], &ExtraParams::default())
                .unwrap();
        assert_eq!(body, r#"{"inputText":"a"}"#);
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
        assert_eq!(expected_count(&texts, &[Media::image("x")], &Map::new()), Some(3));
        assert_eq!(expected_count(&texts, &[], json!({"texts": ["c"]}).as_object().unwrap()), None);
    }
}
