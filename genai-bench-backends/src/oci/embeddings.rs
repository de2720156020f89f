//! Embeddings of texts and pictures.

use std::collections::BTreeMap;
use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Media, MediaKind};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::usage::WireUsage;
use crate::wire::request::RequestBody;
use crate::wire::vector::VectorList;
use crate::wire::{fields, items, json};

/// The fields with the inputs. A request has one of them.
const INPUTS: [&str; 2] = ["inputs", "embedContents"];

/// Writes a request for one vector per input.
///
/// # Errors
///
/// Returns a description of the input that cannot be requested.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    texts: &[Arc<str>],
    pictures: &[Media],
) -> Result<(), &'static str> {
    let is_ours = INPUTS.iter().all(|it| body.extra_param(it).is_none());
    let input_type = match (texts, pictures) {
        _ if !is_ours => "SEARCH_DOCUMENT",
        (_, []) => {
            body.set("inputs", texts);
            "SEARCH_DOCUMENT"
        }
        ([], [picture]) if picture.kind == MediaKind::Image => {
            if picture.data().is_none() {
                return Err("embeddings of a picture that is not in the request: give it as a data: URL");
            }
            body.set("inputs", &[&*picture.url]);
            "IMAGE"
        }
        _ => return Err("embeddings of anything but texts, or one picture, in a request"),
    };
    body.set("inputType", input_type);
    Ok(())
}

/// Returns the number of vectors requested, unless `extra` replaces the inputs.
pub(super) fn expected_count(
    texts: &[Arc<str>],
    pictures: &[Media],
    extra: &Map<String, Value>,
) -> Option<usize> {
    let is_ours = !INPUTS.iter().any(|it| extra.contains_key(*it));
    is_ours.then_some(texts.len() + pictures.len())
}

/// Reads the response to a request for `expected` vectors. Their numbers are not read.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Response { embeddings, embeddings_by_type, usage } = json::parse(body)?;
    let types = embeddings_by_type.into_iter().flat_map(BTreeMap::into_values);
    // The same vectors in each of the requested types. Where these are present, the plain ones may be absent.
    let mut numbers = embeddings.into_iter().chain(types).filter_map(VectorList::count);
    let came = numbers.next().unwrap_or(0);
    if let Some(other) = numbers.find(|it| *it != came) {
        let problem = format!("{came} embeddings of one type and {other} of another");
        return Err(DecodeError::Malformed(problem.into()));
    }
    items::report("embeddings", came, expected, events)?;
    if let Some(usage) = usage.and_then(WireUsage::input_usage) {
        events.usage(usage);
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    embeddings: Option<VectorList>,
    embeddings_by_type: Option<BTreeMap<String, VectorList>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::entry::{encoded, sdk_request};
    use super::super::format::Format;
    use super::*;

    const PICTURE: &str = "data:image/png;base64,AAAA";

    fn request(texts: &[&str], images: Vec<Media>) -> Request {
        let texts = texts.iter().map(|it| Arc::from(*it)).collect();
        Request::new("cohere.embed-v4.0", Input::Embeddings { texts, images })
    }

    fn said(texts: &[&str], pictures: Vec<Media>, extra: &Value) -> Result<Value, String> {
        encoded(Format::Cohere, &request(texts, pictures), extra).map(|it| it.1)
    }

    #[test]
    fn the_service_is_asked_as_its_own_sdk_asks() {
        let extra = json!({"embeddingTypes": ["float"], "outputDimensions": 256, "truncate": "END"});
        let asked = encoded(Format::Cohere, &request(&["a", "b"], vec![]), &extra);
        assert_eq!(asked, Ok(sdk_request("oci_embed_text")));
    }

    #[test]
    fn what_the_vectors_are_for_can_be_said_and_nothing_else_is() {
        let body = said(&["a"], vec![], &json!({"inputType": "CLUSTERING"})).unwrap();
        assert_eq!(body["inputType"], "CLUSTERING");
        assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
    }

    #[test]
    fn a_picture_stands_alone_and_in_the_request() {
        let body = said(&[], vec![Media::image(PICTURE)], &json!({})).unwrap();
        assert_eq!((&body["inputs"], &body["inputType"]), (&json!([PICTURE]), &json!("IMAGE")));
        let refused = |texts: &[&str], pictures| said(texts, pictures, &json!({})).unwrap_err();
        assert!(refused(&[], vec![Media::image("https://h/a.png")]).contains("data: URL"));
        let two = vec![Media::image(PICTURE), Media::image(PICTURE)];
        assert!(refused(&[], two).contains("one picture"));
        assert!(refused(&["a"], vec![Media::image(PICTURE)]).contains("one picture"));
        assert!(refused(&[], vec![Media::video("data:video/mp4;base64,A")]).contains("one picture"));
    }

    #[test]
    fn who_asks_for_something_else_is_not_held_to_our_number() {
        let extra = json!({"embedContents": [{"type": "TEXT", "text": "a"}]});
        let body = said(&["a"], vec![], &extra).unwrap();
        assert_eq!((body.get("inputs"), &body["embedContents"]), (None, &extra["embedContents"]));
        assert_eq!(expected_count(&["a".into()], &[], extra.as_object().unwrap()), None);
        assert_eq!(expected_count(&["a".into()], &[Media::image(PICTURE)], &Map::new()), Some(2));
    }
}
