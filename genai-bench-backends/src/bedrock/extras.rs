//! What a person wants in every body.

use serde_json::{Map, Value};

/// Fields that a person wants in the body of every request, in place of ours where the name is the same.
///
/// Some of them are not fields of Converse, and are put where they belong: `stream` chooses between its two
/// operations, `system_message` stands before what is said, and `temperature`, `top_p` and `inferenceConfig` join
/// the largest number of tokens. `messages` would replace the workload, and is left out as the Python tool does.
/// What only some models know belongs into `additionalModelRequestFields`.
///
/// ```
/// # use genai_bench_backends::bedrock::Extras;
/// let wanted = serde_json::json!({"temperature": 0.5, "serviceTier": {"type": "flex"}});
/// let extras = Extras::new(wanted.as_object().cloned().unwrap_or_default())?;
/// # drop(extras);
/// # Ok::<(), genai_bench_backends::bedrock::InvalidExtra>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Whether answers come piece by piece, whatever a request says.
    pub(super) stream: Option<bool>,
    /// An instruction before every conversation.
    pub(super) system_message: Option<String>,
    /// Of `inferenceConfig`.
    pub(super) inference: Map<String, Value>,
    /// All others.
    pub(super) body: Map<String, Value>,
}

impl Extras {
    /// Sorts `body`.
    ///
    /// # Errors
    ///
    /// When a field that is put elsewhere is of another type than it should be.
    pub fn new(mut body: Map<String, Value>) -> Result<Self, InvalidExtra> {
        body.shift_remove("messages");
        let stream = match body.shift_remove("stream") {
            None => None,
            Some(Value::Bool(stream)) => Some(stream),
            Some(_) => return Err(InvalidExtra { field: "stream", wanted: "true or false" }),
        };
        let system_message = match body.shift_remove("system_message") {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(InvalidExtra { field: "system_message", wanted: "a text" }),
        };
        let mut inference = match body.shift_remove("inferenceConfig") {
            None => Map::new(),
            Some(Value::Object(inference)) => inference,
            Some(_) => return Err(InvalidExtra { field: "inferenceConfig", wanted: "an object" }),
        };
        for (name, field) in [("temperature", "temperature"), ("top_p", "topP")] {
            if let Some(value) = body.shift_remove(name) {
                inference.entry(field).or_insert(value);
            }
        }
        Ok(Self { stream, system_message, inference, body })
    }
}

/// A field of another type than it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is not {wanted}")]
pub struct InvalidExtra {
    field: &'static str,
    wanted: &'static str,
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
        ] {
            let error = Extras::new(extra.as_object().unwrap().clone()).unwrap_err();
            assert_eq!(error.to_string(), problem);
        }
    }
}
