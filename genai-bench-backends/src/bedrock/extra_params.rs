//! What a person wants in every body.

use serde_json::{Map, Value};

use crate::wire::request::RequestBody;

/// What models have objects for, to which fields of ours are joined.
const OBJECTS: [&str; 5] = [
    "imageGenerationConfig",
    "inferenceConfig",
    "singleEmbeddingParams",
    "textGenerationConfig",
    "textToImageParams",
];

/// Fields that a person wants in the body of every request, in place of ours where the name is the same.
///
/// Some of them are not fields of a body, and are put where they belong: `stream` chooses between two operations,
/// `system_message` stands before what is said, and `temperature` and `top_p` go where the model, or Converse, has
/// them. `messages` would replace the workload, and is left out as the Python tool does. What only some models know
/// belongs into Converse's `additionalModelRequestFields`, and into the body of a model that is invoked.
///
/// ```
/// # use genai_bench_backends::bedrock::ExtraParams;
/// let wanted = serde_json::json!({"temperature": 0.5, "serviceTier": {"type": "flex"}});
/// let extra_params = ExtraParams::new(wanted.as_object().cloned().unwrap_or_default())?;
/// # drop(extra_params);
/// # Ok::<(), genai_bench_backends::bedrock::InvalidExtraParam>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExtraParams {
    /// Whether answers come piece by piece, whatever a request says.
    pub(super) stream: Option<bool>,
    /// An instruction before every conversation.
    pub(super) system_message: Option<String>,
    /// How random an answer is, which every model has a place of its own for.
    pub(super) temperature: Option<Value>,
    /// How many of the likeliest tokens an answer is made of, as a part of 1.
    pub(super) top_p: Option<Value>,
    /// All others.
    pub(super) body: Map<String, Value>,
}

impl ExtraParams {
    /// Sorts `body`.
    ///
    /// # Errors
    ///
    /// When a field that is put elsewhere is of another type than it should be.
    pub fn new(mut body: Map<String, Value>) -> Result<Self, InvalidExtraParam> {
        body.shift_remove("messages");
        let stream = match body.shift_remove("stream") {
            None => None,
            Some(Value::Bool(stream)) => Some(stream),
            Some(_) => return Err(InvalidExtraParam { field: "stream", expected: "true or false" }),
        };
        let system_message = match body.shift_remove("system_message") {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(InvalidExtraParam { field: "system_message", expected: "a text" }),
        };
        for field in OBJECTS {
            if body.get(field).is_some_and(|it| !it.is_object()) {
                return Err(InvalidExtraParam { field, expected: "an object" });
            }
        }
        let given = |name| body.shift_remove(name).filter(|value| !value.is_null());
        let [temperature, top_p] = ["temperature", "top_p"].map(given);
        Ok(Self { stream, system_message, temperature, top_p, body })
    }

    /// Says how random the answer of a model is that has fields of its own for it; `top_p` is its name for one.
    pub(super) fn set_sampling(&self, body: &mut RequestBody<'_>, top_p: &str) {
        for (name, value) in [("temperature", &self.temperature), (top_p, &self.top_p)] {
            if let Some(value) = value {
                body.set(name, value);
            }
        }
    }
}

/// Returns the fields of `body`, with `ours` in the object of this name. What a person put there stays as it is, and what a
/// person put there as `null` is left out.
pub(super) fn joined<const N: usize>(
    body: &Map<String, Value>,
    object: &str,
    ours: [(&str, Option<Value>); N],
) -> Map<String, Value> {
    let mut body = body.clone();
    let mut fields = match body.shift_remove(object) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    for (name, value) in ours {
        if let Some(value) = value {
            fields.entry(name).or_insert(value);
        }
    }
    fields.retain(|_, value| !value.is_null());
    if !fields.is_empty() {
        body.insert(object.to_owned(), fields.into());
    }
    body
}

/// A field of another type than it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is not {expected}")]
pub struct InvalidExtraParam {
    field: &'static str,
    expected: &'static str,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_of_the_wrong_type_is_refused() {
        for (extra, problem) in [
            (json!({"stream": "no"}), "stream is not true or false"),
            (json!({"system_message": 1}), "system_message is not a text"),
            (json!({"inferenceConfig": [1]}), "inferenceConfig is not an object"),
            (json!({"textGenerationConfig": 1}), "textGenerationConfig is not an object"),
        ] {
            let error = ExtraParams::new(extra.as_object().unwrap().clone()).unwrap_err();
            assert_eq!(error.to_string(), problem);
        }
    }
}
