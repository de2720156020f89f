//! Extra fields of every request, given by the user.

use serde_json::{Map, Value, json};

use super::format::Format;
use crate::entry::{Settings, SettingsError};

/// The name of the setting.
pub(super) const SETTING: &str = "additional_request_params";

/// Names of fields in other APIs and in the Python tool, and their names in this API.
const NAMES: [(&str, &str); 8] = [
    ("max_tokens", "maxTokens"),
    ("max_completion_tokens", "maxCompletionTokens"),
    ("stream", "isStream"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("top_n", "topN"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
];

/// The extra fields, sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ExtraParams {
    /// A system instruction before every conversation.
    pub(super) instruction: Option<String>,
    /// The messages behind the instruction, before every conversation.
    pub(super) history: Vec<Value>,
    /// All other fields. They replace the backend's own.
    pub(super) body: Map<String, Value>,
}

impl ExtraParams {
    /// Sorts the fields of `settings` for conversations in `format`.
    ///
    /// # Errors
    ///
    /// Returns an error when a field that is sorted has the wrong type.
    pub(super) fn new(settings: &Settings, format: Format) -> Result<Self, SettingsError> {
        let (mut body, instruction) = settings.body_and_instruction()?;
        let instruction = instruction.or(take_text(&mut body, "systemMessage")?);
        for (name, own_name) in NAMES {
            if let Some(value) = body.shift_remove(name) {
                body.entry(own_name).or_insert(value);
            }
        }
        if body.get("isStream").is_some_and(|it| !it.is_boolean()) {
            return Err(wrong("isStream", "neither true nor false"));
        }
        if settings.no_stream_options {
            body.entry("streamOptions").or_insert(Value::Null);
        }
        let snake = body.shift_remove("chat_history");
        let history = match body.shift_remove("chatHistory").or(snake) {
            None => Vec::new(),
            Some(Value::Array(lines)) => lines.into_iter().map(|it| line(it, format)).collect(),
            Some(_) => return Err(wrong("chatHistory", "no list of messages")),
        };
        Ok(Self { instruction, history, body })
    }
}

/// Converts a message to the service's form: the Python tool accepts roles in lower case, and a text in place of a list
/// with one part.
fn line(mut line: Value, format: Format) -> Value {
    if format == Format::Cohere {
        return line;
    }
    if let Some(Value::String(role)) = line.get_mut("role") {
        role.make_ascii_uppercase();
    }
    if let Some(content) = line.get_mut("content").filter(|it| it.is_string()) {
        *content = json!([{"type": "TEXT", "text": content.take()}]);
    }
    line
}

/// Removes the text in the field of this name from `fields`. An empty text counts as absent.
///
/// # Errors
///
/// Returns an error when the value is no text.
pub(super) fn take_text(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<String>, SettingsError> {
    match fields.shift_remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|it| !it.is_empty())),
        Some(_) => Err(wrong(name, "no text")),
    }
}

fn wrong(field: &str, problem: &str) -> SettingsError {
    SettingsError { setting: SETTING, problem: format!("{field} is {problem}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &Value, format: Format) -> Result<ExtraParams, SettingsError> {
        ExtraParams::new(
            &Settings { body: fields.as_object().unwrap().clone(), ..Settings::default() },
            format,
        )
    }

    #[test]
    fn fields_of_other_apis_have_their_names_here() {
        let fields = json!({"max_tokens": 5, "stream": false, "top_p": 0.9, "top_k": 4, "topK": 5, "top_n": 1,
            "frequency_penalty": 1, "presence_penalty": 0, "seed": 7, "messages": [], "system_message": "Be brief"});
        let extra_params = read(&fields, Format::Generic).unwrap();
        let expected = json!({"topK": 5, "seed": 7, "maxTokens": 5, "isStream": false, "topP": 0.9, "topN": 1,
            "frequencyPenalty": 1, "presencePenalty": 0});
        assert_eq!(
            (Value::from(extra_params.body), extra_params.instruction.as_deref()),
            (expected, Some("Be brief"))
        );
    }

    #[test]
    fn a_history_is_told_as_each_format_tells_it() {
        let told = json!([{"role": "user", "content": "Hi"}, {"role": "ASSISTANT", "content": []}]);
        let expected = json!([{"role": "USER", "content": [{"type": "TEXT", "text": "Hi"}]}, {"role": "ASSISTANT", "content": []}]);
        for name in ["chat_history", "chatHistory"] {
            let extra_params = read(&json!({name: told}), Format::CohereV2).unwrap();
            assert_eq!(
                (Value::from(extra_params.history), extra_params.body),
                (expected.clone(), Map::new())
            );
        }
        let cohere = read(&json!({"chatHistory": told, "systemMessage": "Be kind"}), Format::Cohere).unwrap();
        assert_eq!((Value::from(cohere.history), cohere.instruction.as_deref()), (told, Some("Be kind")));
    }

    #[test]
    fn what_is_not_what_it_should_be_is_refused() {
        for fields in [
            json!({"stream": "no"}),
            json!({"isStream": 1}),
            json!({"chat_history": {}}),
            json!({"system_message": 1}),
            json!({"systemMessage": []}),
        ] {
            assert_eq!(read(&fields, Format::Generic).unwrap_err().setting, SETTING, "{fields}");
        }
    }
}
