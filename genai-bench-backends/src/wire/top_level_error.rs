//! Bare errors in place of an answer or a piece of it: under a successful status, and not in `error`.
//!
//! Shapes of vLLM (`{"object": "error", "message", "code"}`), `FastChat` (`{"text", "error_code"}`), frameworks such
//! as `FastAPI` (`{"detail"}`), and gateways (`{"status": "error", "message"}`, `{"message"}`).

use genai_bench_core::failure::Failure;
use serde_json::{Map, Value};

/// Fields with descriptions of an error, the most specific first.
const MESSAGES: [&str; 7] = ["message", "error_message", "error_msg", "msg", "detail", "errors", "text"];
/// Fields with a code, where 0 and HTTP's success codes report no error.
const CODES: [&str; 5] = ["error_code", "code", "status_code", "statusCode", "status"];
/// Fields with a word that distinguishes an error from other objects.
const KINDS: [&str; 5] = ["object", "type", "status", "event", "code"];

/// Returns the error that `json` is, if it is one. The caller has to know that it holds no part of an answer.
pub(crate) fn read(json: &[u8]) -> Option<Failure> {
    let Value::Object(object) = super::json::value(json).ok()? else { return None };
    if let Some(error) = object.get("error").filter(|error| super::error::is_error(error)) {
        return Some(super::error::from_value(error));
    }
    reports_error(&object).then(|| failure(&object))
}

fn reports_error(object: &Map<String, Value>) -> bool {
    let kinds = KINDS.iter().filter_map(|name| object.get(*name)?.as_str());
    let is_named = kinds.clone().any(|kind| kind.to_ascii_lowercase().contains("error") || is_failing(kind));
    let has_code = CODES.iter().filter_map(|name| code(object.get(*name)?)).any(is_error_code);
    let has_failed = object.get("success").or(object.get("ok")) == Some(&Value::Bool(false));
    let describes = |names: &[&str]| names.iter().any(|name| object.get(*name).is_some_and(says_something));
    // A message alone is an error; beside a type or a status it may be information, such as a position in a queue.
    let is_news = { kinds }.next().is_some() || CODES.iter().any(|name| object.contains_key(*name));
    let is_message = !is_news && describes(&["message", "detail"]);
    is_named || has_code || has_failed || is_message || describes(&["error_message", "error_msg", "errors"])
}

fn is_failing(kind: &str) -> bool {
    matches!(kind.to_ascii_lowercase().as_str(), "failed" | "failure" | "fail" | "aborted" | "cancelled")
}

fn is_error_code(code: i64) -> bool {
    code != 0 && !(100..300).contains(&code)
}

/// Parses a code that is a number, or a text of digits.
fn code(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn failure(object: &Map<String, Value>) -> Failure {
    let told = MESSAGES.iter().find_map(|name| object.get(*name).filter(|value| says_something(value)));
    let message = match told {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => Value::Object(object.clone()).to_string(),
    };
    let codes = CODES.iter().filter_map(|name| object.get(*name));
    let status = codes.clone().filter_map(code).find(|code| is_error_code(*code));
    let word = codes.chain(object.get("type")).filter_map(Value::as_str);
    let word = word.filter(|word| word.parse::<i64>().is_err()).find(|word| *word != "error");
    let status = status.and_then(|code| u16::try_from(code).ok());
    Failure::in_band(message).with_status(status).with_code(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_with_its_message_and_its_code() {
        for (json, message, status, code) in [
            (
                r#"{"object":"error","message":"engine is dead","type":"InternalServerError","param":null,"code":500}"#,
                "engine is dead",
                Some(500),
                Some("InternalServerError"),
            ),
            (r#"{"text":"NETWORK ERROR","error_code":50002}"#, "NETWORK ERROR", Some(50002), None),
            (r#"{"error":"no GPU left"}"#, "no GPU left", None, None),
            (r#"{"error":{"message":"m","code":"x"}}"#, "m", None, Some("x")),
            (r#"{"detail":"Not authenticated"}"#, "Not authenticated", None, None),
            (r#"{"detail":[{"msg":"field required"}]}"#, r#"[{"msg":"field required"}]"#, None, None),
            (r#"{"message":"Internal server error"}"#, "Internal server error", None, None),
            (r#"{"message":"slow down","code":"429"}"#, "slow down", Some(429), None),
            (r#"{"status":"error","message":"out of memory"}"#, "out of memory", None, None),
            (r#"{"status":"failed","msg":"gone"}"#, "gone", None, Some("failed")),
            (r#"{"status":503,"message":"overloaded"}"#, "overloaded", Some(503), None),
            (r#"{"success":false,"errors":["no"]}"#, r#"["no"]"#, None, None),
            (r#"{"type":"error","code":-1}"#, r#"{"type":"error","code":-1}"#, None, None),
        ] {
            let failure = read(json.as_bytes()).unwrap_or_else(|| panic!("{json} passed"));
            let read = (&*failure.message, failure.status, failure.code.as_deref());
            assert_eq!(read, (message, status, code), "{json}");
        }
    }

    #[test]
    fn what_is_news_or_unknown_is_no_error() {
        for json in [
            "{}",
            "[]",
            "7",
            "garbage",
            r#"{"error":null}"#,
            r#"{"error":""}"#,
            r#"{"choices":[],"sglext":{"a":1}}"#,
            r#"{"type":"ping"}"#,
            r#"{"object":"keepalive","message":"still there"}"#,
            r#"{"status":"processing","message":"3 requests before yours"}"#,
            r#"{"code":0,"message":"success"}"#,
            r#"{"code":200,"message":"ok"}"#,
            r#"{"text":"a","error_code":0}"#,
            r#"{"message":{"role":"assistant","content":""}}"#,
            r#"{"errors":[],"message":""}"#,
            r#"{"id":"1","model":"m","created":1}"#,
        ] {
            assert_eq!(read(json.as_bytes()), None, "{json}");
        }
    }
}
