//! Extra fields of every request, given by the user.

use serde_json::{Map, Value};

use crate::entry::{Settings, SettingsError};

/// Top-level fields of other APIs, and their names in `generationConfig`. The Python tool maps the first three.
const GENERATION: [(&str, &str); 6] = [
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("max_output_tokens", "maxOutputTokens"),
    ("max_completion_tokens", "maxOutputTokens"),
    ("max_tokens", "maxOutputTokens"),
];

/// The extra fields, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtraParams {
    /// All fields, as given.
    pub(super) all: Map<String, Value>,
    /// The top-level fields of a request for text.
    pub(super) top: Map<String, Value>,
    /// The fields of its `generationConfig`. They replace the backend's own.
    pub(super) generation: Map<String, Value>,
    /// The explicit choice of a streamed or unstreamed answer. The API has a method for each, not a field.
    pub(super) stream: Option<bool>,
    /// A system instruction before every conversation.
    pub(super) instruction: Option<String>,
}

impl ExtraParams {
    /// Sorts the fields of `settings`.
    ///
    /// # Errors
    ///
    /// Returns an error when a field that is sorted has the wrong type.
    pub(super) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let wrong = |problem: &str| SettingsError {
            setting: "additional_request_params",
            problem: problem.to_owned(),
        };
        let (all, instruction) = settings.body_and_instruction()?;
        let mut top = all.clone();
        let mut generation = match top.shift_remove("generationConfig") {
            None => Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                return Err(wrong(r#"generationConfig is no object: give one such as {"temperature": 0.5}"#));
            }
        };
        for (name, own_name) in GENERATION {
            if let Some(value) = top.shift_remove(name) {
                generation.entry(own_name).or_insert(value);
            }
        }
        let stream = match top.shift_remove("stream") {
            None => None,
            Some(Value::Bool(stream)) => Some(stream),
            Some(_) => return Err(wrong("stream is neither true nor false")),
        };
        Ok(Self { all, top, generation, stream, instruction })
    }
}

#[cfg(test)]
impl ExtraParams {
    /// Sorts `fields`.
    pub(super) fn from_body(fields: &Value) -> Result<Self, SettingsError> {
        let body = fields.as_object().expect("fields are an object").clone();
        Self::new(&Settings { body, ..Settings::default() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_of_other_apis_go_where_they_belong_here() {
        let fields = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 4, "stream": false, "labels": {},
            "generationConfig": {"temperature": 0, "seed": 1}});
        let extra_params = ExtraParams::from_body(&fields).unwrap();
        assert_eq!(Value::from(extra_params.top), json!({"labels": {}}));
        assert_eq!(
            Value::from(extra_params.generation),
            json!({"temperature": 0, "seed": 1, "topP": 0.9, "topK": 4})
        );
        assert_eq!((extra_params.stream, Value::from(extra_params.all)), (Some(false), fields));
    }

    #[test]
    fn a_limit_under_another_name_is_the_limit() {
        for name in ["max_tokens", "max_completion_tokens", "max_output_tokens"] {
            let extra_params = ExtraParams::from_body(&json!({name: 5})).unwrap();
            assert_eq!(
                (Value::from(extra_params.generation), extra_params.top.len()),
                (json!({"maxOutputTokens": 5}), 0)
            );
        }
    }

    #[test]
    fn what_every_backend_treats_apart_is_no_field_here_either() {
        let extra_params =
            ExtraParams::from_body(&json!({"system_message": "Be brief.", "messages": []})).unwrap();
        assert_eq!(extra_params.instruction.as_deref(), Some("Be brief."));
        assert!(extra_params.all.is_empty() && extra_params.top.is_empty());
    }

    #[test]
    fn what_is_not_what_it_should_be_is_refused() {
        for fields in [json!({"generationConfig": 1}), json!({"stream": "no"}), json!({"system_message": 1})]
        {
            assert_eq!(
                ExtraParams::from_body(&fields).unwrap_err().setting,
                "additional_request_params",
                "{fields}"
            );
        }
    }
}
