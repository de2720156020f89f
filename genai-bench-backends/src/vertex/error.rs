//! Errors on the wire, in the shape of `google.rpc.Status` and those of other publishers: as the body of an
//! unsuccessful response, and inside a good one.

use genai_bench_core::failure::Failure;
use serde_json::Value;

use crate::anthropic;
use crate::wire;

/// Reads the body of an unsuccessful response, whoever wrote it: Google, or a publisher's server behind it.
pub(super) fn refused(head: &http::response::Parts, body: &[u8]) -> Failure {
    let json = wire::json::value(body).unwrap_or_default();
    match within(&json) {
        Some(error) if word(error).is_some() || json.is_array() => {
            let mut failure = Failure::refused(head, message(error)).with_code(word(error));
            failure.retry_after_s = failure.retry_after_s.or(retry_delay(error));
            failure
        }
        _ if json.get("type").is_some_and(|it| it == "error") => anthropic::error::refused(head, body),
        _ => wire::error::from_response(head, body),
    }
}

/// Reads an error inside a good response.
pub(super) fn inside(error: &Value) -> Failure {
    let code = error.get("code").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok());
    let mut failure = Failure::in_band(message(error)).with_status(code).with_code(word(error));
    failure.retry_after_s = retry_delay(error);
    failure
}

/// The error of a body. Where the answer would have been an array, it is alone in one.
pub(super) fn within(body: &Value) -> Option<&Value> {
    body.get(0).unwrap_or(body).get("error").filter(|it| !it.is_null())
}

/// The word for the error, by which it can be counted, and what is said of it.
fn message(error: &Value) -> String {
    let told = error.get("message").unwrap_or(error);
    let told = told.as_str().map_or_else(|| told.to_string(), str::to_owned);
    word(error).map_or_else(|| told.clone(), |word| format!("{word}: {told}"))
}

fn word(error: &Value) -> Option<&str> {
    error.get("status")?.as_str()
}

/// How long the service asks us to stay away, in seconds: a `google.rpc.RetryInfo` among the details, whose delay
/// is a `google.protobuf.Duration`, such as `26.5s`.
fn retry_delay(error: &Value) -> Option<f64> {
    let is_it = |it: &&Value| {
        it.get("@type").and_then(Value::as_str).is_some_and(|it| it.ends_with("google.rpc.RetryInfo"))
    };
    let info = error.get("details")?.as_array()?.iter().find(is_it)?;
    let seconds: f64 = info.get("retryDelay")?.as_str()?.strip_suffix('s')?.parse().ok()?;
    Some(seconds).filter(|it| it.is_finite() && *it >= 0.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Failure {
        let (head, ()) = http::Response::builder().status(429).body(()).unwrap().into_parts();
        refused(&head, body.as_bytes())
    }

    #[test]
    fn an_error_is_its_word_and_its_message() {
        // As the SDK read it, in `fixtures/vertex/error.json`.
        let failure = read(include_str!("../../fixtures/vertex/error.json"));
        assert_eq!(failure.message, "RESOURCE_EXHAUSTED: Resource exhausted. Please try again later.");
        assert_eq!((failure.status, failure.retry_after_s), (Some(429), None));
        assert_eq!(failure.code.as_deref(), Some("RESOURCE_EXHAUSTED"));
        let wrapped = format!("[{}]", include_str!("../../fixtures/vertex/error.json"));
        assert_eq!(read(&wrapped), failure);
    }

    #[test]
    fn the_errors_of_other_publishers_have_their_own_shapes() {
        let claude =
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"},"request_id":"req_vrtx_1"}"#;
        let failure = read(claude);
        assert_eq!(
            (&*failure.message, failure.code.as_deref()),
            ("rate_limit_error: m", Some("rate_limit_error"))
        );
        let failure = read(r#"{"error": {"message": "slow down", "type": "requests", "code": "rate"}}"#);
        assert_eq!((&*failure.message, failure.code.as_deref()), ("slow down", Some("rate")));
        assert_eq!(read(r#"{"object": "error", "message": "too long", "code": 400}"#).message, "too long");
    }

    #[test]
    fn what_is_no_such_error_is_told_as_it_stands() {
        assert_eq!(read("<html><title>Slow down</title>\n").message, "Slow down");
        assert_eq!(read("").message, "Too Many Requests");
        assert_eq!(read(r#"{"error": "invalid_grant"}"#).message, "invalid_grant");
        assert_eq!(read(r#"{"error": {"code": 400}}"#).message, r#"{"code":400}"#);
        assert_eq!(read(r#"{"error": null}"#).message, r#"{"error": null}"#);
        assert_eq!(read("[]").message, "[]");
    }

    #[test]
    fn the_time_to_stay_away_is_among_the_details() {
        let told = |delay| {
            let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
            let other = json!({"@type": "type.googleapis.com/google.rpc.Help", "links": []});
            inside(&json!({"code": 429, "message": "m", "details": [other, info]})).retry_after_s
        };
        assert_eq!(told("26.5s"), Some(26.5));
        assert_eq!((told("26"), told("-1s"), told("infs"), told("NaNs")), (None, None, None, None));
    }

    #[test]
    fn a_code_that_is_no_status_is_none() {
        for code in [json!(70_000), json!("429"), json!(-1), json!(null)] {
            assert_eq!(inside(&json!({"code": code, "message": "m"})).status, None, "{code}");
        }
    }
}
