//! What a person wants to be in every request.

use serde_json::{Map, Value};

use crate::registry::SettingsError;

/// What stands at the top of a body for other APIs, and where it belongs here. The Python tool does the same.
const SAMPLING: [(&str, &str); 3] = [("temperature", "temperature"), ("top_p", "topP"), ("top_k", "topK")];

/// The fields that a person asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// All of them, as they were given.
    pub(super) all: Map<String, Value>,
    /// Those at the top of a request for text.
    pub(super) top: Map<String, Value>,
    /// Those of its `generationConfig`. They are beside ours, and win over them.
    pub(super) generation: Map<String, Value>,
    /// Whether the answer comes piece by piece: that is no field here, but another method.
    pub(super) stream: Option<bool>,
}

impl Wanted {
    /// Sorts `fields`.
    ///
    /// # Errors
    ///
    /// When one that is looked into is not what it should be.
    pub(super) fn new(fields: &Map<String, Value>) -> Result<Self, SettingsError> {
        let wrong = |problem: &str| SettingsError {
            setting: "additional_request_params",
            problem: problem.to_owned(),
        };
        let mut top = fields.clone();
        let mut generation = match top.shift_remove("generationConfig") {
            None => Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                return Err(wrong(r#"generationConfig is no object: give one such as {"temperature": 0.5}"#));
            }
        };
        for (name, own_name) in SAMPLING {
            if let Some(value) = top.shift_remove(name) {
                generation.entry(own_name).or_insert(value);
            }
        }
        let stream = match top.shift_remove("stream") {
            None => None,
            Some(Value::Bool(stream)) => Some(stream),
            Some(_) => return Err(wrong("stream is neither true nor false")),
        };
        Ok(Self { all: fields.clone(), top, generation, stream })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted(fields: &Value) -> Result<Wanted, SettingsError> {
        Wanted::new(fields.as_object().unwrap())
    }

    #[test]
    fn fields_of_other_apis_go_where_they_belong_here() {
        let fields = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 4, "stream": false, "labels": {},
            "generationConfig": {"temperature": 0, "seed": 1}});
        let wanted = wanted(&fields).unwrap();
        assert_eq!(Value::from(wanted.top), json!({"labels": {}}));
        assert_eq!(
            Value::from(wanted.generation),
            json!({"temperature": 0, "seed": 1, "topP": 0.9, "topK": 4})
        );
        assert_eq!((wanted.stream, Value::from(wanted.all)), (Some(false), fields));
    }

    #[test]
    fn what_is_not_what_it_should_be_is_refused() {
        for fields in [json!({"generationConfig": 1}), json!({"stream": "no"})] {
            assert_eq!(wanted(&fields).unwrap_err().setting, "additional_request_params", "{fields}");
        }
    }
}
