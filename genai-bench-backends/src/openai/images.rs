//! Image generation.

use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::FinishReason;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::event::{self, Progress};
use super::usage::WireUsage;
use super::{Dialect, PictureSize};
use crate::wire::request::RequestBody;
use crate::wire::text::Text;
use crate::wire::{error, fields, items, json};

/// Writes a request for `count` pictures, of `size` pixels in width and height if given.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    prompt: &str,
    size: Option<(u32, u32)>,
    count: u32,
    dialect: &Dialect,
) -> &'static str {
    body.set("prompt", prompt);
    body.set("n", &count);
    match (size, dialect.picture_size) {
        (None, _) => {}
        (Some((width, height)), PictureSize::Text) => body.set("size", &format_args!("{width}x{height}")),
        (Some((width, height)), PictureSize::WidthAndHeight) => {
            body.set("width", &width);
            body.set("height", &height);
        }
    }
    "images/generations"
}

/// Returns the number of pictures requested: `count`, unless `extra` has another number.
pub(super) fn expected_count(count: u32, extra: &Map<String, Value>) -> Option<usize> {
    let count = extra.get("n").map_or(Some(count.into()), Value::as_u64);
    count.and_then(|it| usize::try_from(it).ok())
}

/// Reads the response to a request for `expected` pictures. The pictures are neither decoded nor downloaded.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response<'_> = json::parse(body)?;
    if let Some(error) = answer.error.filter(error::is_error) {
        events.failed(error::from_value(&error));
        return Ok(());
    }
    let pictures = answer.data.unwrap_or_default();
    let made = pictures.iter().filter(|it| !(it.url.as_str().is_empty() && it.b64_json.as_str().is_empty()));
    items::report("pictures", made.count(), expected, events)?;
    if let Some(usage) = answer.usage {
        events.usage(usage.into());
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    data: Option<Vec<Picture<'a>>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Picture<'a> {
    #[serde(borrow, default)]
    url: Text<'a>,
    #[serde(borrow, default)]
    b64_json: Text<'a>,
}

/// Creates a reader of the events of a stream of `expected` pictures, or of one where the number is unknown.
pub(super) fn event_reader(
    expected: Option<usize>,
) -> impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    let mut missing = expected.unwrap_or(1);
    move |name, data, events| {
        let event: Event<'_> = json::parse(data)?;
        if let Some(error) = event.error.filter(error::is_error) {
            events.failed(error::from_value(&error));
            return Ok(Progress::Closed);
        }
        match &*event::name(name, event.name.as_str()) {
            "image_generation.partial_image" => events.draft(),
            "image_generation.completed" => {
                events.item();
                if let Some(usage) = event.usage {
                    events.usage(usage.into());
                }
                missing = missing.saturating_sub(1);
                if missing == 0 {
                    events.finished(FinishReason::Stop);
                    return Ok(Progress::Finished);
                }
            }
            "" => return Ok(event::unknown(data, events)),
            _ => events.skipped(),
        }
        Ok(Progress::More)
    }
}

#[derive(Debug, Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    name: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::request::encoded;
    use super::*;

    #[test]
    fn a_size_is_a_text_or_two_numbers_and_is_left_to_the_server_when_there_is_none() {
        let request = |size| Request::new("m", Input::Images { prompt: "a cat".into(), size, count: 2 });
        let expected = json!({"model": "m", "prompt": "a cat", "n": 2, "size": "1024x1792"});
        let dialect = Dialect::openai();
        assert_eq!(encoded(&request(Some((1024, 1792))), &dialect), ("images/generations", expected));
        assert_eq!(encoded(&request(None), &dialect).1.get("size"), None);
        let dialect = Dialect { picture_size: PictureSize::WidthAndHeight, ..dialect };
        let expected = json!({"model": "m", "prompt": "a cat", "n": 2, "width": 1024, "height": 1792});
        assert_eq!(encoded(&request(Some((1024, 1792))), &dialect).1, expected);
        assert_eq!(encoded(&request(None), &dialect).1.get("width"), None);
    }

    #[test]
    fn who_asks_for_another_number_is_held_to_that() {
        for (extra, wanted) in [(json!({}), Some(2)), (json!({"n": 4}), Some(4)), (json!({"n": "4"}), None)] {
            assert_eq!(expected_count(2, extra.as_object().unwrap()), wanted, "{extra}");
        }
    }
}
