//! Errors on the wire: the body of an unsuccessful response, and an error inside a successful one.

use genai_bench_core::failure::Failure;
use serde_json::Value;

use crate::wire;

/// Reads an unsuccessful response: `{"code": "NotAuthenticated", "message": …}`.
pub(super) fn from_response(head: &http::response::Parts, body: &[u8]) -> Failure {
    let failure = wire::error::from_response(head, body);
    match from_body(body).and_then(|it| it.code) {
        None => failure,
        code => failure.with_code(code.as_deref()),
    }
}

/// Returns the error in a body or an event of a successful response, if there is one: in the form of an unsuccessful
/// response, or, as gateways write it, `{"error": …}`. An answer may have a `message` too, but as an object.
pub(super) fn from_body(body: &[u8]) -> Option<Failure> {
    let body = wire::json::value(body).ok()?;
    let is_error = body.get("message").is_some_and(Value::is_string);
    let error = if is_error { &body } else { body.get("error").filter(|it| !it.is_null())? };
    Some(wire::error::from_value(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Failure {
        let response = http::Response::builder().status(status).header("opc-request-id", "ABC/DEF/GHI");
        from_response(&response.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn an_error_has_its_message_its_word_and_the_name_of_the_request() {
        let sdk = read(429, include_str!("../../fixtures/oci/error.json"));
        assert_eq!((sdk.status, &*sdk.message), (Some(429), "Request is throttled"));
        assert_eq!((sdk.code, sdk.request_id.as_deref()), (None, Some("ABC/DEF/GHI")));
        let named = read(401, r#"{"code": "NotAuthenticated", "message": "no"}"#);
        assert_eq!((named.code.as_deref(), &*named.message), (Some("NotAuthenticated"), "no"));
        assert_eq!(read(502, "<html><title>Gone</title>").message, "Gone");
        assert_eq!(read(502, "").message, "Bad Gateway");
        let of_openai = read(400, r#"{"error": {"message": "no", "code": "bad"}}"#);
        assert_eq!((of_openai.code.as_deref(), &*of_openai.message), (Some("bad"), "no"));
    }

    #[test]
    fn an_answer_is_no_error() {
        let failure = from_body(br#"{"code": "500", "message": "boom"}"#).unwrap();
        assert_eq!((failure.status, &*failure.message), (Some(500), "boom"));
        assert_eq!(from_body(br#"{"error": {"message": "boom"}}"#).unwrap().message, "boom");
        assert!(from_body(br#"{"message": {"role": "ASSISTANT"}, "error": null}"#).is_none());
        assert!(from_body(br#"{"chatResponse": {}}"#).is_none() && from_body(b"boom").is_none());
    }
}
