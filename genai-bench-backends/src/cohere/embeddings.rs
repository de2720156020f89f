//! Texts and pictures, of which vectors are made.

use std::collections::BTreeMap;
use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Media, MediaKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::usage::WireUsage;
use crate::wire::message::Part;
use crate::wire::request::RequestBody;
use crate::wire::vector::VectorList;
use crate::wire::{fields, items, json};

/// Fields that hold what vectors are made of. A request has one of them.
const INPUTS: [&str; 3] = ["texts", "images", "inputs"];

/// Asks for a vector of each.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    texts: &[Arc<str>],
    pictures: &[Media],
) -> Result<&'static str, &'static str> {
    if pictures.iter().any(|it| it.kind != MediaKind::Image) {
        return Err("embeddings of anything but texts and pictures");
    }
    if pictures.iter().any(|it| it.data().is_none()) {
        return Err("embeddings of a picture that is not in the request: give it as a data: URL");
    }
    let is_ours = INPUTS.iter().all(|it| body.extra_param(it).is_none());
    let input_type = match (texts, pictures) {
        _ if !is_ours => "search_document",
        (_, []) => {
            body.set("texts", texts);
            "search_document"
        }
        ([], _) => {
            body.set("images", &pictures.iter().map(|it| &*it.url).collect::<Vec<_>>());
            "image"
        }
        _ => {
            let texts = texts.iter().map(|it| Ok(Part::Text { text: it }));
            let parts = texts.chain(pictures.iter().map(Part::from_media));
            let inputs: Result<Vec<_>, _> = parts.map(|it| it.map(|it| Mixed { content: [it] })).collect();
            body.set("inputs", &inputs?);
            "search_document"
        }
    };
    body.set("input_type", input_type);
    body.set("embedding_types", &["float"]);
    Ok("embed")
}

/// How many vectors are asked for, unless a person asks for something else in `extra`.
pub(super) fn expected_count(
    texts: &[Arc<str>],
    pictures: &[Media],
    extra: &Map<String, Value>,
) -> Option<usize> {
    let is_ours = !INPUTS.iter().any(|it| extra.contains_key(*it));
    is_ours.then_some(texts.len() + pictures.len())
}

/// Reads the answer to a request for `expected` vectors. None of their numbers is read.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Response { embeddings, meta } = json::parse(body)?;
    // The same vectors, once for each type that was asked for.
    let mut types = embeddings.into_values().filter_map(VectorList::count);
    let came = types.next().unwrap_or(0);
    if let Some(other) = types.find(|it| *it != came) {
        let problem = format!("{came} embeddings of one type and {other} of another");
        return Err(DecodeError::Malformed(problem.into()));
    }
    items::report("embeddings", came, expected, events)?;
    if let Some(usage) = meta.and_then(WireUsage::input_usage) {
        events.usage(usage);
    }
    Ok(())
}

/// What one vector is made of.
#[derive(Debug, Serialize)]
struct Mixed<'a> {
    content: [Part<'a>; 1],
}

#[derive(Debug, Deserialize)]
struct Response {
    /// By the type of their numbers.
    embeddings: BTreeMap<String, VectorList>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    meta: Option<WireUsage>,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::entry::encoded;
    use super::*;

    const PICTURE: &str = "data:image/png;base64,AAAA";

    fn request(model: &str, texts: &[&str], pictures: &[&str]) -> Request {
        let texts = texts.iter().map(|it| Arc::from(*it)).collect();
        let images = pictures.iter().map(|it| Media::image(*it)).collect();
        Request::new(model, Input::Embeddings { texts, images })
    }

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let sdk: Value =
            serde_json::from_str(include_str!("../../fixtures/cohere/embed_request.json")).unwrap();
        let asked = encoded(&request("embed-v4.0", &["a"], &[]), &json!({"output_dimension": 256}));
        assert_eq!(asked, Ok(("/v2/embed".to_owned(), sdk)));
        let sdk: Value =
            serde_json::from_str(include_str!("../../fixtures/cohere/embed_image_request.json")).unwrap();
        let asked = encoded(&request("embed-v4.0", &[], &[PICTURE]), &json!({}));
        assert_eq!(asked, Ok(("/v2/embed".to_owned(), sdk)));
    }

    #[test]
    fn what_the_vectors_are_for_can_be_said() {
        let extra = json!({"input_type": "clustering", "embedding_types": ["int8", "float"]});
        let body = encoded(&request("m", &["a"], &[]), &extra).unwrap().1;
        assert_eq!(body["input_type"], "clustering");
        assert_eq!(body["embedding_types"], json!(["int8", "float"]));
    }

    #[test]
    fn texts_and_pictures_can_be_mixed() {
        let body = encoded(&request("m", &["a"], &[PICTURE]), &json!({})).unwrap().1;
        let expected = json!([{"content": [{"type": "text", "text": "a"}]},
            {"content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}]);
        assert_eq!((&body["inputs"], &body["input_type"]), (&expected, &"search_document".into()));
        assert_eq!((body.get("texts"), body.get("images")), (None, None));
    }

    #[test]
    fn who_asks_for_something_else_is_not_held_to_our_number() {
        let extra = json!({"inputs": [{"content": []}]});
        let body = encoded(&request("m", &["a"], &[]), &extra).unwrap().1;
        assert_eq!((body.get("texts"), &body["inputs"]), (None, &extra["inputs"]));
        assert_eq!(expected_count(&["a".into()], &[], extra.as_object().unwrap()), None);
        assert_eq!(expected_count(&["a".into()], &[Media::image(PICTURE)], &Map::new()), Some(2));
    }

    #[test]
    fn a_picture_has_to_be_in_the_request() {
        let refused = encoded(&request("m", &[], &["https://h/a.png"]), &json!({})).unwrap_err();
        assert!(refused.contains("data: URL"), "{refused}");
        let video =
            Input::Embeddings { texts: vec![], images: vec![Media::video("data:video/mp4;base64,A")] };
        assert!(encoded(&Request::new("m", video), &json!({})).is_err());
    }
}
