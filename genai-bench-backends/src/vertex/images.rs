//! Image generation: by Gemini's models, which answer with pictures, or by Imagen, which has `predict`.

use std::borrow::Cow;

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::endpoint::Service;
use super::extra_params::ExtraParams;
use super::{error, request};
use crate::wire::request::RequestBody;
use crate::wire::text::Text;
use crate::wire::{items, json};

/// Writes a request for `count` pictures, with the aspect ratio of `size` if given, and returns its method and body.
///
/// # Errors
///
/// Returns a description of what cannot be requested.
pub(super) fn write_request(
    prompt: &str,
    size: Option<(u32, u32)>,
    count: u32,
    model: &str,
    service: &Service,
    extra_params: &ExtraParams,
) -> Result<(&'static str, Bytes), Cow<'static, str>> {
    if predicts(model) && !service.is_vertex() {
        return Err("pictures of Imagen, which only Vertex AI has: give --gcp-project-id".into());
    }
    if predicts(model) {
        return Ok(write_imagen_request(prompt, size, count, &extra_params.all)?);
    }
    if count != 1 {
        let problem = "several pictures in one answer: this model is expected for one, as by I(1024,1024)";
        return Err(problem.into());
    }
    let mut extra_params = extra_params.clone();
    // Never streamed, even if requested: a picture arrives whole.
    extra_params.stream = Some(false);
    set_ratio(&mut extra_params.generation, "imageConfig", size, GEMINI_RATIOS)?;
    Ok(request::write_request_for("IMAGE", prompt, false, &extra_params))
}

fn write_imagen_request(
    prompt: &str,
    size: Option<(u32, u32)>,
    count: u32,
    extra: &Map<String, Value>,
) -> Result<(&'static str, Bytes), String> {
    let mut extra = extra.clone();
    set_ratio(&mut extra, "parameters", size, IMAGEN_RATIOS)?;
    if let Value::Object(parameters) = extra.entry("parameters").or_insert_with(|| json!({})) {
        parameters.entry("sampleCount").or_insert(count.into());
    }
    let mut body = RequestBody::new(&extra);
    body.set("instances", &[json!({"prompt": prompt})]);
    Ok(("predict", body.finish()))
}

/// Sets the aspect ratio of `size` in the object `name` of `fields`, unless the user's fields there set another.
fn set_ratio(
    fields: &mut Map<String, Value>,
    name: &str,
    size: Option<(u32, u32)>,
    known: &[(u32, u32)],
) -> Result<(), String> {
    if let Some(size) = size
        && let Value::Object(told) = fields.entry(name).or_insert_with(|| json!({}))
        && !told.contains_key("aspectRatio")
    {
        told.insert("aspectRatio".to_owned(), aspect_ratio(size, known)?.into());
    }
    Ok(())
}

/// Returns `true` if a model has `predict` for pictures, as Imagen does.
pub(super) fn predicts(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.starts_with("imagen") || name.starts_with("imagegeneration@")
}

/// Returns the number of predicted pictures: `count`, unless `extra` has another number.
pub(super) fn expected_count(count: u32, extra: &Map<String, Value>) -> Option<usize> {
    let told = extra.get("parameters").and_then(|it| it.get("sampleCount"));
    told.map_or(Some(count.into()), Value::as_u64).and_then(|it| usize::try_from(it).ok())
}

/// Reads the response to a request for `expected` predicted pictures. The pictures are not decoded.
pub(super) fn read(body: &[u8], expected: Option<usize>, events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response<'_> = json::parse(body)?;
    if let Some(error) = answer.error {
        events.failed(error::from_value(&error));
        return Ok(());
    }
    let predictions = answer.predictions.unwrap_or_default();
    // Filter reasons, sent in place of pictures on request only.
    let reason = predictions.iter().map(|it| it.rai_filtered_reason.as_str()).find(|it| !it.is_empty());
    if let Some(reason) = reason {
        events.failed(Failure::in_band(format!("a picture was held back: {reason}")));
        return Ok(());
    }
    let made = predictions.iter().filter(|it| it.is_picture()).count();
    items::report("pictures", made, expected, events)
}

#[derive(Debug, Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    predictions: Option<Vec<Prediction<'a>>>,
    error: Option<Value>,
}

/// A picture, its address, the reason for its absence, or attributes of the prompt's safety rating.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prediction<'a> {
    #[serde(borrow, default)]
    bytes_base64_encoded: Text<'a>,
    #[serde(borrow, default)]
    gcs_uri: Text<'a>,
    #[serde(borrow, default)]
    rai_filtered_reason: Text<'a>,
}

impl Prediction<'_> {
    fn is_picture(&self) -> bool {
        !(self.bytes_base64_encoded.as_str().is_empty() && self.gcs_uri.as_str().is_empty())
    }
}

/// A ratio of width to height.
type Ratio = (u32, u32);

/// The ratios of Gemini's models, as `ImageConfig` of Vertex AI's API, version 1, lists them.
pub(super) const GEMINI_RATIOS: &[Ratio] =
    &[(1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9)];

/// The ratios of Imagen, as its API reference and the google-genai Python SDK 3.4.0 list them.
pub(super) const IMAGEN_RATIOS: &[Ratio] = &[(1, 1), (3, 4), (4, 3), (9, 16), (16, 9)];

/// Returns the ratio among `known` of a picture of this size in pixels, such as `16:9`.
///
/// # Errors
///
/// Returns a message with a valid size when the ratio is another one.
pub(super) fn aspect_ratio((width, height): (u32, u32), known: &[Ratio]) -> Result<String, String> {
    let found = known.iter().find(|ratio| {
        width > 0 && u64::from(width) * u64::from(ratio.1) == u64::from(height) * u64::from(ratio.0)
    });
    found.map(written).ok_or_else(|| {
        let all: Vec<_> = known.iter().map(written).collect();
        let (w, h) = nearest(f64::from(width) / f64::from(height), known);
        format!(
            "a picture of {width}x{height}: requests to this model have one of the aspect ratios {}, not a size; \
             give a size with one of these ratios, such as I({w},{h})",
            all.join(", ")
        )
    })
}

fn written((width, height): &Ratio) -> String {
    format!("{width}:{height}")
}

/// Returns a size of about a thousand pixels, with the ratio among `known` that is nearest to `ratio`.
fn nearest(ratio: f64, known: &[Ratio]) -> (u32, u32) {
    let nearest = known.iter().min_by(|a, b| distance(ratio, **a).total_cmp(&distance(ratio, **b)));
    let (width, height) = *nearest.unwrap_or(&(1, 1));
    let scale = 1024 / width.max(height);
    (width * scale, height * scale)
}

/// Returns the distance between two ratios on a logarithmic scale.
fn distance(ratio: f64, (width, height): Ratio) -> f64 {
    (ratio.ln() - (f64::from(width) / f64::from(height)).ln()).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_for(model: &str, size: Option<(u32, u32)>, count: u32, extra: &Value) -> Result<Value, String> {
        let service = Service::vertex("p", "global", None).unwrap();
        let (_, body) =
            write_request("a cat", size, count, model, &service, &ExtraParams::from_body(extra).unwrap())
                .map_err(Cow::into_owned)?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn who_tells_more_of_a_picture_has_the_ratio_beside_it_and_wins_with_another() {
        let config = |extra| {
            asked_for("gemini-x-image", Some((900, 1600)), 1, &extra).unwrap()["generationConfig"].clone()
        };
        let large = json!({"generationConfig": {"imageConfig": {"imageSize": "2K"}}});
        assert_eq!(config(large)["imageConfig"], json!({"imageSize": "2K", "aspectRatio": "9:16"}));
        let wide = json!({"generationConfig": {"imageConfig": {"aspectRatio": "8:1"}, "responseModalities": ["TEXT", "IMAGE"]}});
        assert_eq!(config(wide.clone()), wide["generationConfig"]);
        let body =
            asked_for("imagen-x", Some((512, 512)), 2, &json!({"parameters": {"seed": 1, "sampleCount": 4}}))
                .unwrap();
        assert_eq!(body["parameters"], json!({"seed": 1, "sampleCount": 4, "aspectRatio": "1:1"}));
    }

    #[test]
    fn what_no_size_is_given_for_has_the_models_own() {
        let body = asked_for("gemini-x-image", None, 1, &json!({})).unwrap();
        assert_eq!(body["generationConfig"], json!({"responseModalities": ["IMAGE"]}));
        let body = asked_for("google/imagen-x", None, 3, &json!({})).unwrap();
        assert_eq!(body, json!({"instances": [{"prompt": "a cat"}], "parameters": {"sampleCount": 3}}));
    }

    #[test]
    fn what_a_model_cannot_make_is_refused() {
        let refused = |model, size, count| asked_for(model, Some(size), count, &json!({})).unwrap_err();
        assert!(refused("gemini-x-image", (512, 512), 2).starts_with("several pictures"));
        assert!(refused("gemini-x-image", (1024, 1792), 1).starts_with("a picture of 1024x1792"));
        assert!(refused("imagen-x", (400, 500), 1).starts_with("a picture of 400x500"));
        let gemini = Service::gemini(None).unwrap();
        let refused = write_request("a", None, 1, "imagen-x", &gemini, &ExtraParams::default()).unwrap_err();
        assert!(refused.contains("--gcp-project-id"), "{refused}");
    }

    #[test]
    fn who_asks_for_another_number_is_held_to_that() {
        for (extra, expected) in [(json!({}), Some(2)), (json!({"parameters": {"sampleCount": 4}}), Some(4))]
        {
            assert_eq!(expected_count(2, extra.as_object().unwrap()), expected, "{extra}");
        }
    }

    #[test]
    fn a_size_is_told_as_its_ratio() {
        for (size, ratio) in
            [((512, 512), "1:1"), ((1600, 900), "16:9"), ((1080, 1350), "4:5"), ((2100, 900), "21:9")]
        {
            assert_eq!(aspect_ratio(size, GEMINI_RATIOS).unwrap(), ratio);
        }
        assert_eq!(aspect_ratio((768, 1024), IMAGEN_RATIOS).unwrap(), "3:4");
    }

    #[test]
    fn a_size_that_no_ratio_tells_is_refused_with_the_nearest_that_is_right() {
        let refused = aspect_ratio((1024, 1792), IMAGEN_RATIOS).unwrap_err();
        assert!(refused.contains("1024x1792") && refused.contains("1:1, 3:4, 4:3, 9:16, 16:9"), "{refused}");
        assert!(refused.ends_with("such as I(576,1024)"), "{refused}");
        assert!(aspect_ratio((1080, 1350), IMAGEN_RATIOS).unwrap_err().ends_with("I(768,1024)"));
        for nothing in [(0, 0), (0, 512), (512, 0)] {
            assert!(aspect_ratio(nothing, GEMINI_RATIOS).is_err(), "{nothing:?}");
        }
    }
}
