//! Errors on the wire: the body of an unsuccessful response, and an error inside a successful one.

use genai_bench_core::failure::Failure;
use serde_json::Value;

/// Reads the body of an unsuccessful response: the provider's error, or the text unchanged.
pub(crate) fn from_response(head: &http::response::Parts, body: &[u8]) -> Failure {
    let body_json = super::json::value(body).ok();
    // The provider's field, vLLM's older one, and that of frameworks such as FastAPI.
    let fields = ["error", "message", "detail"].into_iter();
    let error = body_json
        .as_ref()
        .and_then(|json| fields.filter_map(|name| json.get(name)).find(|value| !value.is_null()).cloned());
    let code = error.as_ref().and_then(word).map(str::to_owned);
    let text = error.map_or_else(|| String::from_utf8_lossy(body).trim().to_owned(), |it| message(&it));
    let reason = head.status.canonical_reason().unwrap_or("no reason given");
    let failure = Failure::refused(head, if text.is_empty() { reason.to_owned() } else { text });
    failure.with_code(code.as_deref())
}

/// Parses an error inside a successful response. Its code may be a number, a text or missing.
pub(crate) fn from_value(error: &Value) -> Failure {
    let code = error.get("code").and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
    let failure = Failure::in_band(message(error)).with_status(code.and_then(|it| u16::try_from(it).ok()));
    failure.with_code(word(error))
}

/// Returns `true` if the value of a field `error` is an error: some servers send an empty one with every chunk.
pub(crate) fn is_error(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// Returns the provider's own word for an error: its code, else its type.
fn word(error: &Value) -> Option<&str> {
    let words = ["code", "type"].into_iter().filter_map(|name| error.get(name)?.as_str());
    words.into_iter().find(|word| word.parse::<u16>().is_err())
}

fn message(error: &Value) -> String {
    let message = error.get("message").unwrap_or(error);
    let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    match filter(error) {
        Some(filter) => format!("{message} ({filter})"),
        None => message,
    }
}

/// Returns Azure's reasons for a filtered prompt or answer: its message need not name them.
fn filter(error: &Value) -> Option<String> {
    let outer = error.get("code")?.as_str().filter(|it| *it == "content_filter")?;
    let inner = error.get("innererror").and_then(|it| it.get("code")?.as_str());
    Some(match inner {
        Some(inner) => format!("{outer}: {inner}"),
        None => outer.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Failure {
        let (head, ()) = http::Response::builder().status(429).body(()).unwrap().into_parts();
        from_response(&head, body.as_bytes())
    }

    #[test]
    fn an_error_is_read_in_every_shape_that_servers_have() {
        assert_eq!(read(r#"{"error": {"message": "slow down", "code": "rate"}}"#).message, "slow down");
        assert_eq!(read(r#"{"error": {"message": "m", "code": "rate"}}"#).code.as_deref(), Some("rate"));
        assert_eq!(
            read(r#"{"error": {"message": "m", "type": "t", "code": 429}}"#).code.as_deref(),
            Some("t")
        );
        assert_eq!(read(r#"{"error": "slow down"}"#).message, "slow down");
        assert_eq!(read(r#"{"object": "error", "message": "slow down"}"#).message, "slow down");
        assert_eq!(read(r#"{"detail": [{"msg": "no"}]}"#).message, r#"[{"msg":"no"}]"#);
        let filtered =
            r#"{"error": {"message": "no", "code": "content_filter", "innererror": {"code": "R"}}}"#;
        assert_eq!(read(filtered).message, "no (content_filter: R)");
        let filtered = r#"{"error": {"message": "no", "code": "content_filter", "innererror": null}}"#;
        assert_eq!(read(filtered).message, "no (content_filter)");
        assert_eq!(read("<html><title>Slow down</title>").message, "Slow down");
        assert_eq!(read("").message, "Too Many Requests");
    }

    #[test]
    fn a_code_is_a_number_a_text_or_nothing() {
        assert_eq!(from_value(&json!({"message": "m", "code": 400})).status, Some(400));
        assert_eq!(from_value(&json!({"message": "m", "code": "503"})).status, Some(503));
        assert_eq!(from_value(&json!({"message": "m", "code": "server_error"})).status, None);
        assert_eq!(from_value(&json!({"message": "m", "code": -1})).status, None);
        assert_eq!(from_value(&json!("boom")).message, "boom");
    }
}
