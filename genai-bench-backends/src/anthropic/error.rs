//! Errors on the wire: as the body of an unsuccessful response, and inside a good one.

use genai_bench_core::failure::Failure;
use serde_json::Value;

use crate::wire::json;

/// Reads the body of an unsuccessful response: the provider's error, or the text as it stands.
pub(crate) fn from_response(head: &http::response::Parts, body: &[u8]) -> Failure {
    let Told { kind, text } = Told::read(body);
    let reason = head.status.canonical_reason().unwrap_or("no reason given");
    Failure::refused(head, if text.is_empty() { reason.to_owned() } else { text }).with_code(kind.as_deref())
}

/// Reads the event of an error inside a good response. It has no status, but says what kind of error it is.
pub(super) fn from_body(data: &[u8]) -> Failure {
    let Told { kind, text } = Told::read(data);
    Failure::in_band(text).with_code(kind.as_deref())
}

/// What `{"type": "error", "error": {"type", "message"}}` says, or whatever else it is.
struct Told {
    kind: Option<String>,
    text: String,
}

impl Told {
    fn read(body: &[u8]) -> Self {
        let Ok(told) = json::value(body) else {
            return Self { kind: None, text: String::from_utf8_lossy(body).trim().to_owned() };
        };
        // What stands between the provider and us may have a shape of its own.
        let error = ["error", "detail"].iter().find_map(|it| told.get(it).filter(|it| !it.is_null()));
        let error = error.unwrap_or(&told);
        let has_message = error.get("message").is_some();
        let kind = error.get("type").and_then(Value::as_str).filter(|it| has_message && !it.is_empty());
        let text = error.get("message").unwrap_or(error);
        let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
        let text = kind.map_or_else(|| text.clone(), |kind| format!("{kind}: {text}"));
        Self { kind: kind.map(str::to_owned), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Failure {
        let head = http::Response::builder().status(status).header("retry-after", "7");
        let (head, ()) = head.header("request-id", "req_1").body(()).unwrap().into_parts();
        from_response(&head, body.as_bytes())
    }

    #[test]
    fn a_refusal_says_what_kind_of_error_it_is_and_which_request_it_was() {
        let failure = read(
            429,
            r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}, "request_id": "req_1"}"#,
        );
        assert_eq!(failure.message, "rate_limit_error: slow down");
        assert_eq!((failure.status, failure.retry_after_s), (Some(429), Some(7.0)));
        assert_eq!(failure.request_id.as_deref(), Some("req_1"));
        assert_eq!(failure.code.as_deref(), Some("rate_limit_error"));
    }

    #[test]
    fn an_error_is_read_in_every_shape_that_what_stands_between_has() {
        for (body, message) in [
            (r#"{"error": "slow down"}"#, "slow down"),
            (r#"{"error": {"message": "slow down"}}"#, "slow down"),
            (r#"{"message": "slow down"}"#, "slow down"),
            (r#"{"detail": [{"msg": "no"}]}"#, r#"[{"msg":"no"}]"#),
            ("<html><title>Slow</title>", "Slow"),
            ("", "Service Unavailable"),
        ] {
            assert_eq!(read(503, body).message, message);
        }
    }

    #[test]
    fn an_error_inside_a_good_response_has_no_status() {
        let failure = from_body(
            br#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
        );
        assert_eq!((failure.status, &*failure.message), (None, "overloaded_error: Overloaded"));
        assert_eq!(from_body(b" boom ").message, "boom");
    }
}
