//! Pictures, made of a prompt through `InvokeModel`.
//!
//! Sources: "Amazon Titan Image Generator G1 models", "Stable Image Core request and response" and its siblings in AWS's
//! guide to Bedrock, and "Request and response structure for image generation" in its guide to Nova.

use std::borrow::Cow;

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;
use serde_json::Value;

use super::extra_params::joined;
use super::{ExtraParams, Family};
use crate::wire::request::RequestBody;
use crate::wire::text::Text;
use crate::wire::{items, json};

/// What Stability's models can be asked for, of width and height.
const RATIOS: [(u32, u32); 9] = [(16, 9), (1, 1), (21, 9), (2, 3), (3, 2), (4, 5), (5, 4), (9, 16), (9, 21)];

/// Asks for `count` pictures, of `size` pixels in width and height where that is given.
///
/// Stability's models make one picture, of a shape that can be asked for and of as many pixels as they like.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    family: Option<Family>,
    prompt: &str,
    size: Option<(u32, u32)>,
    count: u32,
    extra_params: &ExtraParams,
) -> Result<Bytes, Cow<'static, str>> {
    match family {
        Some(Family::Nova | Family::Titan) => Ok(amazon_request(prompt, size, count, extra_params)),
        Some(Family::Stability) => stability_request(prompt, size, count, extra_params),
        _ => {
            Err("pictures by this model: it knows those of titan, nova and stability; say which it is with \
                  --aws-bedrock-family if its id does not"
                .into())
        }
    }
}

fn amazon_request(prompt: &str, size: Option<(u32, u32)>, count: u32, extra_params: &ExtraParams) -> Bytes {
    let wanted = [
        ("numberOfImages", Some(count.into())),
        ("width", size.map(|it| it.0.into())),
        ("height", size.map(|it| it.1.into())),
    ];
    let extra = joined(&extra_params.body, "imageGenerationConfig", wanted);
    let extra = joined(&extra, "textToImageParams", [("text", Some(prompt.into()))]);
    let mut body = RequestBody::new(&extra);
    body.set("taskType", "TEXT_IMAGE");
    body.finish()
}

fn stability_request(
    prompt: &str,
    size: Option<(u32, u32)>,
    count: u32,
    extra_params: &ExtraParams,
) -> Result<Bytes, Cow<'static, str>> {
    if count != 1 {
        return Err("any number of pictures but one in a request to Stability".into());
    }
    let mut body = RequestBody::new(&extra_params.body);
    body.set("prompt", prompt);
    if let (Some((width, height)), None) = (size, body.extra_param("aspect_ratio")) {
        let fits =
            |it: &&(u32, u32)| u64::from(it.0) * u64::from(height) == u64::from(it.1) * u64::from(width);
        let Some((width, height)) = RATIOS.iter().find(fits) else {
            let known = RATIOS.map(|(width, height)| format!("{width}:{height}")).join(", ");
            return Err(format!(
                "a picture of {width} by {height} pixels by Stability, which knows only the shapes {known}"
            )
            .into());
        };
        body.set("aspect_ratio", &format_args!("{width}:{height}"));
    }
    Ok(body.finish())
}

/// How many pictures are asked for: `count`, unless a person asks for another number.
pub(super) fn expected_count(count: u32, extra_params: &ExtraParams) -> Option<usize> {
    let wanted = extra_params.body.get("imageGenerationConfig").and_then(|it| it.get("numberOfImages"));
    let count = wanted.map_or(Some(count.into()), Value::as_u64);
    count.and_then(|it| usize::try_from(it).ok())
}

#[derive(Debug, Deserialize)]
struct Response<'a> {
    /// In base64.
    #[serde(borrow)]
    images: Option<Vec<Text<'a>>>,
    /// Of Titan and Nova: why there are fewer than were asked for.
    #[serde(borrow, default)]
    error: Text<'a>,
    /// Of Stability: `null` for each picture that was made.
    #[serde(borrow)]
    finish_reasons: Option<Vec<Text<'a>>>,
}

/// Reads the answer to a request for `expected` pictures. None of them is looked at.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response<'_> = json::parse(body)?;
    let reasons = answer.finish_reasons.iter().flatten().chain([&answer.error]);
    if let Some(reason) = reasons.map(Text::as_str).find(|it| !it.is_empty()) {
        events.failed(Failure::in_band(reason.to_owned()));
        return Ok(());
    }
    let images = answer.images.unwrap_or_default();
    let made = images.iter().filter(|it| !it.as_str().is_empty());
    items::report("pictures", made.count(), expected, events)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn said(family: Family, size: Option<(u32, u32)>, count: u32, extra: &Value) -> Result<Value, String> {
        let extra_params = ExtraParams::new(extra.as_object().unwrap().clone()).unwrap();
        let body =
            write_request(Some(family), "a cat", size, count, &extra_params).map_err(Cow::into_owned)?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn titan_and_nova_are_asked_for_pictures_of_a_size() {
        let expected = json!({"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "a cat"},
            "imageGenerationConfig": {"numberOfImages": 2, "width": 1024, "height": 512}});
        assert_eq!(said(Family::Titan, Some((1024, 512)), 2, &json!({})), Ok(expected));
        let extra = json!({"imageGenerationConfig": {"quality": "premium", "seed": 7, "numberOfImages": 3},
            "textToImageParams": {"negativeText": "dogs"}});
        let expected = json!({"taskType": "TEXT_IMAGE",
            "textToImageParams": {"negativeText": "dogs", "text": "a cat"},
            "imageGenerationConfig": {"quality": "premium", "seed": 7, "numberOfImages": 3}});
        assert_eq!(said(Family::Nova, None, 2, &extra), Ok(expected));
        assert_eq!(
            expected_count(2, &ExtraParams::new(extra.as_object().unwrap().clone()).unwrap()),
            Some(3)
        );
        assert_eq!(expected_count(2, &ExtraParams::new(Map::new()).unwrap()), Some(2));
    }

    #[test]
    fn stability_is_asked_for_a_shape_and_refuses_what_has_none_of_its_shapes() {
        let shape = |size| said(Family::Stability, Some(size), 1, &json!({}));
        assert_eq!(shape((1024, 1024)), Ok(json!({"prompt": "a cat", "aspect_ratio": "1:1"})));
        assert_eq!(shape((1920, 1080)), Ok(json!({"prompt": "a cat", "aspect_ratio": "16:9"})));
        let refused = shape((1024, 1792)).unwrap_err();
        assert!(
            refused.starts_with("a picture of 1024 by 1792 pixels by Stability, which knows"),
            "{refused}"
        );
        assert!(refused.ends_with("16:9, 1:1, 21:9, 2:3, 3:2, 4:5, 5:4, 9:16, 9:21"), "{refused}");
        let own = said(Family::Stability, Some((1, 7)), 1, &json!({"aspect_ratio": "3:2"})).unwrap();
        assert_eq!(own["aspect_ratio"], "3:2");
        assert!(said(Family::Stability, None, 2, &json!({})).is_err());
        assert!(said(Family::Llama3, None, 1, &json!({})).is_err());
    }
}
