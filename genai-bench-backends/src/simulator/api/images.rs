//! `/v1/images/generations`: images, one after the other.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::Output;
use crate::simulator::planned_response::unix_seconds;
use crate::simulator::planned_response::{PlannedResponse, RequestContext};
use crate::simulator::prompt::Prompt;
use crate::simulator::settings::UsageMode;

/// The maximum number of images in one request.
const MAX_IMAGES: u64 = 128;

/// The image of every response: a PNG of one grey pixel, in base64. It is small, whatever size was
/// requested: generating an image takes simulated latency and no work.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

/// A request for images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Images {
    count: u64,
    as_url: bool,
}

impl Images {
    pub(super) fn read(fields: &Fields, prompt: &mut Prompt) -> Result<Self, ErrorResponse> {
        prompt.text(fields.text("prompt")?);
        if let Some(size) = fields.get("size") {
            let sides = size.as_str().and_then(|it| it.split_once('x'));
            if size != "auto" && !sides.is_some_and(|(width, height)| is_side(width) && is_side(height)) {
                return Err(wrong("size", "`auto` or a width and a height, such as `1024x1024`"));
            }
        }
        Ok(Self {
            count: fields.number("n", 1..=MAX_IMAGES, 1)?,
            as_url: fields.choice("response_format", &["b64_json", "url"])? == "url",
        })
    }

    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        let tokens = context.input_tokens;
        let usage = json!({
            "input_tokens": tokens,
            "input_tokens_details": {"text_tokens": tokens, "image_tokens": 0},
            "output_tokens": 0,
            "total_tokens": tokens,
        });
        let usage = (context.settings.usage != UsageMode::Never).then_some(usage);
        PlannedResponse::json(self.count, Output::default(), move || {
            let data: Vec<Value> = (0..self.count).map(|_| self.picture()).collect();
            let mut answer = json!({"created": unix_seconds(), "data": data});
            if let Some(usage) = usage {
                answer["usage"] = usage;
            }
            Bytes::from(answer.to_string())
        })
    }

    /// Returns one image. A URL holds the image itself, so that there is nothing to fetch.
    fn picture(self) -> Value {
        if self.as_url {
            json!({"url": format!("data:image/png;base64,{PIXEL}")})
        } else {
            json!({"b64_json": PIXEL})
        }
    }
}

/// Returns `true` if `text` is the width or height of an image, in pixels.
fn is_side(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|pixels| pixels > 0)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Returns the CRC-32 of PNG (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn the_image_is_a_complete_png() {
        let png = STANDARD.decode(PIXEL).unwrap();
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
        let mut names = Vec::new();
        while !rest.is_empty() {
            let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap());
            let end = 8 + number(0) as usize;
            assert_eq!(number(end), crc(&rest[4..end]));
            names.push(&rest[4..8]);
            rest = &rest[end + 4..];
        }
        assert_eq!(names, [b"IHDR", b"IDAT", b"IEND"]);
        assert_eq!(png[16..24], [0, 0, 0, 1, 0, 0, 0, 1], "one pixel");
    }
}
