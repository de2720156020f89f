//! Takes secrets out of what is written down.

use serde_json::{Map, Value};

/// What stands for a secret.
const STARS: &str = "***";
/// Options whose value is a secret.
const SECRET_OPTIONS: [&str; 4] = ["--api-key", "--model-api-key", "--header", "--simulator-settings"];
/// Names of fields whose value is a secret.
const SECRET_FIELDS: [&str; 6] = ["api_key", "apikey", "authorization", "password", "secret", "token"];

/// A command line that can be run again, with stars for secrets.
pub(crate) fn command_line(arguments: impl IntoIterator<Item = String>) -> String {
    let mut words = Vec::new();
    let mut hide_next = false;
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        let is_secret = SECRET_OPTIONS.contains(&name);
        words.push(match (hide_next, is_secret && !value.is_empty(), name) {
            (true, ..) => STARS.to_owned(),
            (_, true, name) => format!("{name}={STARS}"),
            _ if name == "--additional-request-params" => quoted(&redacted_assignment(name, value)),
            _ => quoted(&redacted_json(&argument)),
        });
        hide_next = !hide_next && is_secret && value.is_empty();
    }
    words.join(" ")
}

/// Fields with stars for those that are secret by their name.
pub(crate) fn fields(body: &Map<String, Value>) -> Map<String, Value> {
    let hide = |(name, value): (&String, &Value)| {
        let secret = SECRET_FIELDS.contains(&name.to_ascii_lowercase().as_str());
        let shown = match value {
            _ if secret => Value::from(STARS),
            Value::Object(inner) => Value::Object(fields(inner)),
            other => other.clone(),
        };
        (name.clone(), shown)
    };
    body.iter().map(hide).collect()
}

fn redacted_assignment(name: &str, value: &str) -> String {
    if value.is_empty() { name.to_owned() } else { format!("{name}={}", redacted_json(value)) }
}

/// The text, or, when it is a JSON object, the object without its secrets.
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
    }

    #[test]
    fn the_rest_can_be_run_again() {
        assert_eq!(line(&["g", "--traffic-scenario", "D(1,2)"]), "g --traffic-scenario 'D(1,2)'");
    }
}
