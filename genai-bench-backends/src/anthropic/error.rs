//! Errors on the wire: as the body of an unsuccessful response, and inside a good one.

use genai_bench_core::failure::Failure;
use serde_json::Value;

/// The header that names the request, for those who ask the provider about it.
const REQUEST_ID: &str = "request-id";

/// Reads the body of an unsuccessful response: the provider's error, or the text as it stands.
pub(super) fn refused(head: &http::response::Parts, body: &[u8]) -> Failure {
    let mut text = serde_json::from_slice(body)
        .map_or_else(|_| String::from_utf8_lossy(body).trim().to_owned(), |it| message(&it));
    if text.is_empty() {
        head.status.canonical_reason().unwrap_or("no reason given").clone_into(&mut text);
    }
    if let Some(id) = head.headers.get(REQUEST_ID).and_then(|it| it.to_str().ok()) {
        text = format!("{text} ({REQUEST_ID} {id})");
    }
    Failure::refused(head, text)
}

/// Reads the event of an error inside a good response. It has no code, but says what kind of error it is.
pub(super) fn inside(data: &[u8]) -> Failure {
    let text = serde_json::from_slice(data)
        .map_or_else(|_| String::from_utf8_lossy(data).trim().to_owned(), |it| message(&it));
    Failure::in_band(text)
}

/// What `{"type": "error", "error": {"type", "message"}}` says, or whatever else it is.
fn message(told: &Value) -> String {
    // What stands between the provider and us may have a shape of its own.
    let error = ["error", "detail"].iter().find_map(|it| told.get(it).filter(|it| !it.is_null()));
    let error = error.unwrap_or(told);
    let kind = error.get("type").and_then(Value::as_str).filter(|it| !it.is_empty());
    let text = error.get("message").unwrap_or(error);
    let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    match kind {
        Some(kind) if error.get("message").is_some() => format!("{kind}: {text}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Failure {
        let head = http::Response::builder().status(status).header("retry-after", "7");
        let (head, ()) = head.header(REQUEST_ID, "req_1").body(()).unwrap().into_parts();
        refused(&head, body.as_bytes())
    }

    #[test]
    fn a_refusal_says_what_kind_of_error_it_is_and_which_request_it_was() {
        let failure = read(
            429,
            r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}, "request_id": "req_1"}"#,
        );
        assert_eq!(failure.message, "rate_limit_error: slow down (request-id req_1)");
        assert_eq!((failure.status, failure.retry_after_s), (Some(429), Some(7.0)));
    }

    #[test]
    fn an_error_is_read_in_every_shape_that_what_stands_between_has() {
        for (body, message) in [
            (r#"{"error": "slow down"}"#, "slow down"),
            (r#"{"error": {"message": "slow down"}}"#, "slow down"),
            (r#"{"message": "slow down"}"#, "slow down"),
            (r#"{"detail": [{"msg": "no"}]}"#, r#"[{"msg":"no"}]"#),
            ("<html>slow", "<html>slow"),
            ("", "Service Unavailable"),
        ] {
            assert_eq!(read(503, body).message, format!("{message} (request-id req_1)"));
        }
    }

    #[test]
    fn an_error_inside_a_good_response_has_no_status() {
        let failure =
            inside(br#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#);
        assert_eq!((failure.status, &*failure.message), (None, "overloaded_error: Overloaded"));
        assert_eq!(inside(b" boom ").message, "boom");
    }
}
