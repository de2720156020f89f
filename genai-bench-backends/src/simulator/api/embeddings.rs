//! `/v1/embeddings`: vectors of texts and images.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::api::messages;
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::Output;
use crate::simulator::planned_response::{PlannedResponse, RequestContext};
use crate::simulator::prompt::{Medium, Prompt};
use crate::simulator::random::{Purpose, RandomNumbers};
use crate::simulator::settings::{Settings, UsageMode};

/// The maximum number of dimensions of a vector.
const MAX_DIMENSIONS: u64 = 1 << 16;

/// A request for vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Embeddings {
    count: usize,
    dimensions: u64,
    base64: bool,
}

impl Embeddings {
    pub(super) fn read(
        fields: &Fields,
        settings: &Settings,
        prompt: &mut Prompt,
    ) -> Result<Self, ErrorResponse> {
        let count = if fields.get("messages").is_some() {
            messages::read(fields, "messages", prompt)?;
            1
        } else {
            input(fields, prompt)?
        };
        let default = settings.embedding_dimensions.get().into();
        Ok(Self {
            count,
            dimensions: fields.number("dimensions", 1..=MAX_DIMENSIONS, default)?,
            base64: fields.choice("encoding_format", &["float", "base64"])? == "base64",
        })
    }

    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        let vector = self.vector(context);
        let model = Value::from(context.model);
        let tokens = context.input_tokens;
        let usage = match context.settings.usage {
            UsageMode::Never => String::new(),
            _ => format!(r#","usage":{}"#, json!({"prompt_tokens": tokens, "total_tokens": tokens})),
        };
        PlannedResponse::json(1, Output::default(), move || {
            let data: Vec<_> = (0..self.count)
                .map(|index| format!(r#"{{"object":"embedding","index":{index},"embedding":{vector}}}"#))
                .collect();
            let data = data.join(",");
            Bytes::from(format!(r#"{{"object":"list","data":[{data}],"model":{model}{usage}}}"#))
        })
    }

    /// Returns a vector of length 1, as JSON. All vectors of a response are the same, so that generating
    /// them takes the server no longer than its simulated latency.
    fn vector(self, context: &RequestContext<'_>) -> String {
        let mut draws = RandomNumbers::new(context.settings.seed, context.number, Purpose::Content);
        let numbers: Vec<f64> = (0..self.dimensions).map(|_| draws.normal()).collect();
        let length = numbers.iter().map(|it| it * it).sum::<f64>().sqrt();
        let numbers: Vec<f32> = numbers.iter().map(|it| (it / length) as f32).collect();
        if self.base64 {
            let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
            return format!(r#""{}""#, STANDARD.encode(bytes));
        }
        serde_json::to_string(&numbers).expect("finite numbers make JSON")
    }
}

/// Parses `input`, and returns the number of vectors that it is for.
fn input(fields: &Fields, prompt: &mut Prompt) -> Result<usize, ErrorResponse> {
    match fields.get("input") {
        Some(Value::String(text)) => {
            prompt.text(text);
            Ok(1)
        }
        Some(Value::Array(ids)) if !ids.is_empty() && ids.iter().all(Value::is_u64) => {
            prompt.ids(ids);
            Ok(1)
        }
        Some(Value::Array(items)) if !items.is_empty() => {
            items.iter().try_for_each(|it| item(it, prompt))?;
            Ok(items.len())
        }
        _ => Err(wrong("input", "a text, token ids, or an array of one or more of them")),
    }
}

/// Parses one of several inputs.
fn item(item: &Value, prompt: &mut Prompt) -> Result<(), ErrorResponse> {
    match item {
        Value::String(text) => prompt.text(text),
        Value::Array(ids) if !ids.is_empty() && ids.iter().all(Value::is_u64) => prompt.ids(ids),
        Value::Object(members) => {
            if let Some(text) = members.get("text").and_then(Value::as_str) {
                prompt.text(text);
            }
            for (medium, name) in [(Medium::Image, "image"), (Medium::Video, "video")] {
                if let Some(source) = members.get(name).and_then(Value::as_str) {
                    prompt.medium(medium, source);
                }
            }
        }
        _ => return Err(wrong("input", "texts, lists of token ids, or objects with `text` and `image`")),
    }
    Ok(())
}
