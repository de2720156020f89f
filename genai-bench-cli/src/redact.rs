//! Redaction of secrets in command lines and request fields that are written to files and logs.

use genai_bench_backends::registry;
use genai_bench_core::{is_secret_name, redact_urls};
use serde_json::{Map, Value};

/// The placeholder for a secret.
const STARS: &str = "***";
/// The options whose values are secrets.
const SECRET_OPTIONS: [&str; 3] = ["--api-key", "--model-api-key", "--header"];

/// Returns the command line of this process with stars for secrets. Bytes that are not Unicode, which paths may have, are
/// replaced.
pub(crate) fn own_command_line() -> String {
    command_line(std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()))
}

/// Returns a command line that can be run again, with stars for secrets.
fn command_line(arguments: impl IntoIterator<Item = String>) -> String {
    let mut words = Vec::new();
    let mut hide_next = false;
    for argument in arguments {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (&*argument, None),
        };
        let is_secret = is_secret_option(name);
        words.push(match value {
            _ if hide_next => STARS.to_owned(),
            Some(_) if is_secret => format!("{name}={STARS}"),
            Some(value) => quoted(&format!("{name}={}", redact_urls(&redacted_json(value)))),
            None => quoted(&redact_urls(&redacted_json(name))),
        });
        hide_next = !hide_next && is_secret && value.is_none();
    }
    words.join(" ")
}

/// Returns `true` if the value of an option is a secret.
fn is_secret_option(option: &str) -> bool {
    let name = option.strip_prefix("--");
    SECRET_OPTIONS.contains(&option)
        || registry::provider_options().iter().any(|known| known.is_secret && name == Some(known.name))
}

/// Returns fields with stars for the values of all fields, at any depth, whose names are those of secrets.
pub(crate) fn fields(body: &Map<String, Value>) -> Map<String, Value> {
    body.iter().map(|(name, value)| (name.clone(), redacted_field(name, value))).collect()
}

/// Returns the value of a field, or stars if it is a secret.
fn redacted_field(name: &str, value: &Value) -> Value {
    if holds_text(value) && is_secret_name(name) { Value::from(STARS) } else { without_secrets(value) }
}

/// Returns `true` if a value contains text: numbers and booleans, such as that of `max_token`, are not secrets.
fn holds_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().any(holds_text),
        Value::Object(members) => members.values().any(holds_text),
        _ => false,
    }
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(inner) => Value::Object(fields(inner)),
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

/// Returns a text as it is, or, if it is a JSON object, the object with stars for its secrets.
fn redacted_json(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) if fields(&object) != object => Value::Object(fields(&object)).to_string(),
        _ => text.to_owned(),
    }
}

fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| STARS.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> String {
        command_line(words.iter().map(ToString::to_string))
    }

    #[test]
    fn secrets_are_stars_however_they_are_given() {
        assert_eq!(line(&["g", "--api-key", "sk-1", "--task", "t"]), "g --api-key *** --task t");
        assert_eq!(line(&["g", "--model-api-key=sk-1"]), "g --model-api-key=***");
        assert_eq!(line(&["g", "--header", "Authorization: Bearer x"]), "g --header ***");
        let params = line(&["g", "--additional-request-params", r#"{"api_key": "sk-1", "max_tokens": 4}"#]);
        assert!(!params.contains("sk-1") && params.contains("max_tokens"), "{params}");
        let params = line(&["g", r#"--additional-request-params={"a": {"token": "sk-1"}}"#]);
        assert!(!params.contains("sk-1"), "{params}");
        let settings = line(&["g", r#"--simulator-settings={"api_key": "sk-1", "itl": "5ms"}"#]);
        assert!(!settings.contains("sk-1") && settings.contains("5ms"), "{settings}");
        let list = line(&["g", "--additional-request-params", r#"{"tools": [{"token": "sk-1"}]}"#]);
        assert!(!list.contains("sk-1") && list.contains("tools"), "{list}");
    }

    #[test]
    fn a_user_and_a_password_in_an_address_are_stars() {
        let address = "http://me:pass%40word@host:8000/v1?sig=a@b";
        let hidden = line(&["g", "--api-base", address]);
        assert!(hidden.contains("://***@host:8000/v1?sig=***") && !hidden.contains("word"), "{hidden}");
        assert!(!line(&["g", &format!("--api-base={address}")]).contains("word"));
        assert_eq!(line(&["g", "--api-base", "http://host/a@b"]), "g --api-base http://host/a@b");
    }

    #[test]
    fn texts_under_names_of_secrets_are_stars() {
        let body = serde_json::json!({"max_token": 4, "session_token": "s", "headers": {"x-auth": ["s"]}});
        let shown = fields(body.as_object().unwrap());
        assert_eq!(
            Value::Object(shown),
            serde_json::json!({"max_token": 4, "session_token": "***", "headers": {"x-auth": "***"}})
        );
    }

    #[test]
    fn other_arguments_are_quoted_for_the_shell() {
        assert_eq!(line(&["g", "--traffic-scenario", "D(1,2)"]), "g --traffic-scenario 'D(1,2)'");
    }
}
