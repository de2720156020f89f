//! Errors on the wire, in the shapes of `google.rpc.Status` and of other publishers: the body of an unsuccessful
//! response, and an error inside a successful one.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde_json::Value;

use crate::anthropic;
use crate::wire::{self, json};

/// Reads the body of an unsuccessful response, written by Google or by a publisher's server.
pub(super) fn from_response(head: &http::response::Parts, body: &[u8]) -> Failure {
    let json = wire::json::value(body).unwrap_or_default();
    match error_field(&json) {
        Some(error) if word(error).is_some() || json.is_array() => {
            let mut failure = Failure::refused(head, message(error)).with_code(word(error));
            failure.retry_after_s = failure.retry_after_s.or(retry_delay(error));
            failure
        }
        _ if json.get("type").is_some_and(|it| it == "error") => anthropic::error::from_response(head, body),
        _ => wire::error::from_response(head, body),
    }
}

/// Parses an error inside a successful response.
pub(super) fn from_value(error: &Value) -> Failure {
    let code = error.get("code").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok());
    let mut failure = Failure::in_band(message(error)).with_status(code).with_code(word(error));
    failure.retry_after_s = retry_delay(error);
    failure
}

/// Returns the error of a body. In place of a streamed array it is the only element of one.
pub(super) fn error_field(body: &Value) -> Option<&Value> {
    body.get(0).unwrap_or(body).get("error").filter(|it| !it.is_null())
}

/// Returns the error's status word, which groups equal errors, and its message.
fn message(error: &Value) -> String {
    let message = error.get("message").unwrap_or(error);
    let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    word(error).map_or_else(|| message.clone(), |word| format!("{word}: {message}"))
}

fn word(error: &Value) -> Option<&str> {
    error.get("status")?.as_str()
}

/// Returns the requested delay before a retry, in seconds: the `google.rpc.RetryInfo` among the details, whose delay is
/// a `google.protobuf.Duration` such as `26.5s`.
fn retry_delay(error: &Value) -> Option<f64> {
    let info = error.get("details")?.as_array()?.iter().find(|detail| is_retry_info(detail))?;
    let seconds: f64 = info.get("retryDelay")?.as_str()?.strip_suffix('s')?.parse().ok()?;
    Some(seconds).filter(|it| it.is_finite() && *it >= 0.0)
}

fn is_retry_info(detail: &Value) -> bool {
    detail.get("@type").and_then(Value::as_str).is_some_and(|name| name.ends_with("google.rpc.RetryInfo"))
}

/// The maximum length of an error at the end of a stream, in bytes.
const LONGEST_ERROR: usize = 16 << 10;

/// A decoder of a streamed answer that may end with a bare error.
pub(super) struct ErrorAfterEvents {
    stream: Box<dyn Decoder>,
    /// The last bytes of the stream, at least [`LONGEST_ERROR`] of them where there are as many.
    end: Vec<u8>,
}

impl ErrorAfterEvents {
    /// Creates a decoder of one answer, whose events are read by `stream`.
    pub(super) fn boxed(stream: Box<dyn Decoder>) -> Box<dyn Decoder> {
        Box::new(Self { stream, end: Vec::new() })
    }

    fn buffer(&mut self, chunk: &[u8]) {
        self.end.extend_from_slice(last(chunk));
        // Not with every chunk, because the remaining bytes have to be moved.
        if self.end.len() > 2 * LONGEST_ERROR {
            self.end.drain(..self.end.len() - LONGEST_ERROR);
        }
    }
}

impl Decoder for ErrorAfterEvents {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.buffer(chunk);
        self.stream.decode(chunk, events)
    }

    fn is_complete(&self) -> bool {
        self.stream.is_complete()
    }

    fn buffered_bytes(&self) -> usize {
        self.stream.buffered_bytes() + self.end.len()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { stream, end } = *self;
        match stream.finish(events) {
            Err(DecodeError::Truncated) => {
                events.failed(error_after_events(last(&end)).ok_or(DecodeError::Truncated)?);
                Ok(())
            }
            outcome => outcome,
        }
    }
}

fn last(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len().saturating_sub(LONGEST_ERROR)..]
}

/// Returns the error behind the last event, if nothing else follows it.
fn error_after_events(end: &[u8]) -> Option<Failure> {
    let mut after_events = end;
    let mut rest = end;
    while let Some(line) = rest.split_inclusive(|it| *it == b'\n').next() {
        rest = &rest[line.len()..];
        if line.starts_with(b"data:") {
            after_events = rest;
        }
    }
    let json = json::value(after_events).ok()?;
    error_field(&json).map(from_value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::stream::StreamDecoder;

    fn read(body: &str) -> Failure {
        let (head, ()) = http::Response::builder().status(429).body(()).unwrap().into_parts();
        from_response(&head, body.as_bytes())
    }

    #[test]
    fn an_error_is_its_word_and_its_message() {
        // The same values that the SDK reads from `fixtures/vertex/error.json`.
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
        for (delay, expected) in
            [("26.5s", Some(26.5)), ("26", None), ("-1s", None), ("infs", None), ("NaNs", None)]
        {
            let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
            let other = json!({"@type": "type.googleapis.com/google.rpc.Help", "links": []});
            let error = json!({"code": 429, "message": "m", "details": [other, info]});
            assert_eq!(from_value(&error).retry_after_s, expected, "{delay}");
        }
    }

    #[test]
    fn a_code_that_is_no_status_is_none() {
        for code in [json!(70_000), json!("429"), json!(-1), json!(null)] {
            assert_eq!(from_value(&json!({"code": code, "message": "m"})).status, None, "{code}");
        }
    }

    fn read_after_events(end: &str) -> Option<String> {
        error_after_events(end.as_bytes()).map(|it| it.message)
    }

    #[test]
    fn an_error_after_the_last_event_is_found_whatever_its_lines() {
        let error = "{\r\n  \"error\": {\r\n    \"code\": 503,\r\n    \"message\": \"busy\"\r\n  }\r\n}\r\n";
        assert_eq!(read_after_events(error).as_deref(), Some("busy"));
        assert_eq!(read_after_events(&format!("data: {{}}\r\n\r\n{error}")).as_deref(), Some("busy"));
        assert_eq!(read_after_events(&format!("data: {{}}\r\n\r\n[{error}]")).as_deref(), Some("busy"));
        assert_eq!(read_after_events(&format!("data: {{}}\n\n{error}data: {{}}\n\n")), None);
        assert_eq!(read_after_events(&error[..error.len() - 4]), None);
        assert_eq!((read_after_events(""), read_after_events("data: {\"error\": {}}")), (None, None));
    }

    #[test]
    fn only_the_end_of_a_stream_is_kept() {
        let mut decoder = ErrorAfterEvents {
            stream: StreamDecoder::boxed(|_, _, _| Err(DecodeError::Truncated)),
            end: vec![],
        };
        for byte in 0..=255 {
            decoder.buffer(&[byte; 300]);
            assert!(decoder.end.len() <= 2 * LONGEST_ERROR, "{}", decoder.end.len());
        }
        let expected: Vec<u8> = (0..=255).flat_map(|it| [it; 300]).collect();
        assert_eq!(last(&decoder.end), last(&expected));
        decoder.buffer(&[7; 3 * LONGEST_ERROR]);
        assert_eq!(last(&decoder.end), [7; LONGEST_ERROR]);
    }
}
