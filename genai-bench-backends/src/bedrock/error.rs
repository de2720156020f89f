//! Errors on the wire: as an unsuccessful response, and inside a stream.

use genai_bench_core::failure::Failure;
use serde::Deserialize;

use crate::wire::json;

/// What errors say of themselves, wherever they are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireError {
    message: Option<String>,
    #[serde(rename = "Message")]
    capital_message: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    /// Of an error that the model itself had.
    original_status_code: Option<u16>,
    original_message: Option<String>,
}

impl WireError {
    fn message(&self, kind: Option<&str>, otherwise: &str) -> String {
        let own = self.message.as_deref().or(self.capital_message.as_deref());
        let told = [own, self.original_message.as_deref()];
        let told: Vec<_> = told.into_iter().flatten().filter(|it| !it.is_empty()).collect();
        let told = if told.is_empty() { otherwise.to_owned() } else { told.join(" / ") };
        kind.map_or_else(|| told.clone(), |kind| format!("{kind}: {told}"))
    }
}

/// Reads an unsuccessful response: the name of the error and what it says, or the text as it stands.
pub(super) fn from_response(head: &http::response::Parts, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    let error: WireError = json::parse(body).unwrap_or_default();
    let header = head.headers.get("x-amzn-errortype").and_then(|it| it.to_str().ok());
    // `ValidationException:http://internal.amazon.com/…` and `com.amazon.coral.validate#ValidationException`.
    let header = header.and_then(|it| it.split(':').next()).filter(|it| !it.is_empty());
    let kind = header.or(error.kind.as_deref().and_then(|it| it.rsplit('#').next()));
    let reason = head.status.canonical_reason().unwrap_or("no reason given");
    let otherwise = if text.trim().is_empty() { reason } else { text.trim() };
    Failure::refused(head, error.message(kind, otherwise)).with_code(kind)
}

/// Reads an exception inside a stream.
pub(super) fn exception(kind: &str, payload: &[u8]) -> Failure {
    let error: WireError = json::parse(payload).unwrap_or_default();
    let status = error.original_status_code.or_else(|| status(kind));
    let text = String::from_utf8_lossy(payload);
    Failure::in_band(error.message(Some(kind), text.trim())).with_status(status).with_code(Some(kind))
}

/// An error of the service itself inside a stream: it has nothing but a code and a message.
pub(super) fn from_code(code: Option<&str>, message: Option<&str>) -> Failure {
    let named = code.unwrap_or("an error without a code");
    Failure::in_band(format!("{named}: {}", message.unwrap_or("no message"))).with_code(code)
}

/// The HTTP status that the service model gives to an error of this name.
fn status(kind: &str) -> Option<u16> {
    Some(match kind {
        "internalServerException" => 500,
        "modelStreamErrorException" => 424,
        "modelTimeoutException" => 408,
        "serviceUnavailableException" => 503,
        "throttlingException" => 429,
        "validationException" => 400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Failure {
        let response = http::Response::builder().status(429).header("x-amzn-errortype", kind);
        from_response(&response.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn an_error_has_its_name_and_what_it_says() {
        let slow = "ThrottlingException: Too many requests";
        let tail = "ThrottlingException:http://internal.amazon.com/coral/";
        assert_eq!(read("ThrottlingException", r#"{"message":"Too many requests"}"#).message, slow);
        assert_eq!(read(tail, r#"{"Message":"Too many requests"}"#).message, slow);
        let body = r#"{"__type":"com.amazon.coral#ThrottlingException","message":"Too many requests"}"#;
        assert_eq!((read("", body).message, read("", body).status), (slow.to_owned(), Some(429)));
        assert_eq!(read("", r#"{"message":null}"#).message, r#"{"message":null}"#);
        assert_eq!(read("", "<html><title>Slow</title>").message, "Slow");
        assert_eq!(read("", "").message, "Too Many Requests");
    }

    #[test]
    fn an_exception_has_the_status_of_its_name_or_of_the_model() {
        let failure = exception("throttlingException", br#"{"message":"wait"}"#);
        assert_eq!((failure.status, &*failure.message), (Some(429), "throttlingException: wait"));
        assert_eq!(failure.code.as_deref(), Some("throttlingException"));
        let body = br#"{"message":"broken","originalStatusCode":503,"originalMessage":"busy"}"#;
        let failure = exception("modelStreamErrorException", body);
        assert_eq!(failure.status, Some(503));
        assert_eq!(failure.message, "modelStreamErrorException: broken / busy");
        let failure = exception("newException", b"?");
        assert_eq!((failure.status, &*failure.message), (None, "newException: ?"));
    }
}
