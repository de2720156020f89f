//! Embeddings of texts and pictures.
//!
//! Sources of the two shapes for pictures: vLLM's `EmbeddingChatRequest`, `SGLang`'s `MultimodalEmbeddingInput`.

use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Media, MediaKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::usage::WireUsage;
use super::{Dialect, PictureEmbeddings};
use crate::wire::message::{Content, Part, WireMessage};
use crate::wire::request::RequestBody;
use crate::wire::vector::Vector;
use crate::wire::{error, fields, items, json};

/// Writes a request for one vector per input.
///
/// # Errors
///
/// Returns a description of the input that cannot be requested.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    texts: &[Arc<str>],
    pictures: &[Media],
    dialect: &Dialect,
) -> Result<&'static str, &'static str> {
    if pictures.iter().any(|it| it.kind != MediaKind::Image) {
        return Err("embeddings of anything but texts and pictures");
    }
    match (dialect.picture_embeddings, pictures) {
        (_, []) => body.set("input", texts),
        (PictureEmbeddings::Unknown, _) => return Err("embeddings of pictures"),
        (PictureEmbeddings::Conversation, [picture]) if texts.is_empty() => {
            let content = Content::Parts(vec![Part::from_media(picture)?]);
            body.set("messages", &[WireMessage { role: "user", content }]);
        }
        (PictureEmbeddings::Conversation, _) => {
            return Err("embeddings of a picture and more in one request");
        }
        (PictureEmbeddings::List, _) => {
            let texts = texts.iter().map(|it| Item::Text(it));
            let pictures = pictures.iter().map(|it| Item::Image(&it.url));
            body.set("input", &texts.chain(pictures).collect::<Vec<_>>());
        }
    }
    if let Some(format) = dialect.encoding_format {
        body.set("encoding_format", format);
    }
    Ok("embeddings")
}

/// Returns the number of vectors requested, unless `extra` replaces the inputs.
pub(super) fn expected_count(
    texts: &[Arc<str>],
    pictures: &[Media],
    extra: &Map<String, Value>,
) -> Option<usize> {
    let is_ours = !extra.contains_key("input") && !extra.contains_key("messages");
    is_ours.then_some(texts.len() + pictures.len())
}

/// Reads the response to a request for `expected` vectors. Their numbers are not read.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response = json::parse(body)?;
    if let Some(error) = answer.error.filter(error::is_error) {
        events.failed(error::from_value(&error));
        return Ok(());
    }
    items::report("embeddings", answer.data.map_or(0, |it| it.len()), expected, events)?;
    if let Some(usage) = answer.usage {
        events.usage(usage.input_usage());
    }
    Ok(())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Item<'a> {
    Text(&'a str),
    Image(&'a str),
}

#[derive(Debug, Deserialize)]
struct Response {
    data: Option<Vec<Embedding>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Embedding {
    #[serde(rename = "embedding")]
    _vector: Vector,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::request::{encode, encoded};
    use super::*;

    fn request(texts: &[&str], pictures: &[&str]) -> Request {
        let texts = texts.iter().map(|it| Arc::from(*it)).collect();
        let images = pictures.iter().map(|it| Media::image(*it)).collect();
        Request::new("m", Input::Embeddings { texts, images })
    }

    #[test]
    fn texts_are_a_list_and_their_format_can_be_chosen() {
        let expected = json!({"model": "m", "input": ["a", "b"], "encoding_format": "float"});
        assert_eq!(encoded(&request(&["a", "b"], &[]), &Dialect::openai()), ("embeddings", expected));
        let extra = json!({"encoding_format": "base64"});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::openai() };
        assert_eq!(encoded(&request(&["a"], &[]), &dialect).1["encoding_format"], "base64");
    }

    #[test]
    fn a_picture_is_a_conversation_or_an_item_of_a_list() {
        let one = request(&[], &["data:image/png;base64,QUJD"]);
        let shown = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}});
        let expected = json!({"model": "m", "messages": [{"role": "user", "content": [shown]}],
            "encoding_format": "float"});
        assert_eq!(encoded(&one, &Dialect::self_hosted("vllm")), ("embeddings", expected));

        let list = Dialect { picture_embeddings: PictureEmbeddings::List, ..Dialect::self_hosted("sglang") };
        let expected = json!({"model": "m", "input": [{"text": "a"}, {"image": "x"}, {"image": "y"}],
            "encoding_format": "float"});
        assert_eq!(encoded(&request(&["a"], &["x", "y"]), &list), ("embeddings", expected));
    }

    #[test]
    fn what_a_server_cannot_be_asked_is_refused() {
        let many = [request(&[], &["x", "y"]), request(&["a"], &["x"])];
        for request in &many {
            let refused = encode(request, &Dialect::self_hosted("vllm")).unwrap_err();
            assert_eq!(refused, "embeddings of a picture and more in one request");
        }
        assert_eq!(encode(&many[0], &Dialect::openai()).unwrap_err(), "embeddings of pictures");
        let video = Input::Embeddings { texts: vec![], images: vec![Media::video("x")] };
        assert!(encode(&Request::new("m", video), &Dialect::self_hosted("vllm")).is_err());
    }

    #[test]
    fn who_asks_for_something_else_is_not_held_to_our_number() {
        let texts = ["a".into(), "b".into()];
        assert_eq!(expected_count(&texts, &[Media::image("x")], &Map::new()), Some(3));
        let extra = json!({"input": "c"});
        assert_eq!(expected_count(&texts, &[], extra.as_object().unwrap()), None);
    }
}
