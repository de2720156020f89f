//! Errors inside a good response.

use genai_bench_core::failure::Failure;
use serde_json::Value;

use crate::wire;

/// The error that a body or an event of a good response is, if it is one: `{"message": …}`, as in the body of an
/// unsuccessful one. An answer may have a message, too, but that is no text.
pub(super) fn from_body(body: &[u8]) -> Option<Failure> {
    let body = wire::json::value(body).ok()?;
    let message = body.get("message").and_then(Value::as_str).map(Failure::in_band);
    message.or_else(|| body.get("error").filter(|error| !error.is_null()).map(wire::error::from_value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let response = http::Response::builder().status(status);
        let response = headers.iter().fold(response, |it, (name, value)| it.header(*name, *value));
        let (head, ()) = response.body(()).unwrap().into_parts();
        wire::error::from_response(&head, body.as_bytes())
    }

    #[test]
    fn the_message_is_what_the_provider_says_and_how_it_can_be_found_there() {
        let plain = read(401, &[], r#"{"message": "invalid api token"}"#);
        assert_eq!((plain.status, &*plain.message), (Some(401), "invalid api token"));
        let traced = read(500, &[("x-debug-trace-id", "7a")], "");
        assert_eq!((&*traced.message, traced.request_id.as_deref()), ("Internal Server Error", Some("7a")));
    }

    #[test]
    fn the_limits_of_a_trial_key_are_told() {
        let headers = [
            ("x-trial-endpoint-call-limit", "20"),
            ("x-trial-endpoint-call-remaining", "0"),
            ("retry-after-ms", "1500"),
        ];
        let refused = read(429, &headers, r#"{"message": "You are using a Trial key"}"#);
        assert_eq!((&*refused.message, refused.retry_after_s), ("You are using a Trial key", Some(1.5)));
        let limits: Vec<_> = refused.rate_limits.values().map(String::as_str).collect();
        assert_eq!(limits, ["20", "0"]);
    }

    #[test]
    fn an_answer_is_no_error() {
        assert_eq!(from_body(br#"{"message": "boom"}"#).unwrap().message, "boom");
        assert_eq!(from_body(br#"{"error": "boom"}"#).unwrap().message, "boom");
        assert!(from_body(br#"{"message": {"role": "assistant"}}"#).is_none());
        assert!(from_body(br#"{"results": []}"#).is_none() && from_body(b"boom").is_none());
    }
}
