//! Error responses in the shape of OpenAI.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

/// An error response.
#[derive(Debug)]
pub(super) struct ErrorResponse {
    pub(super) status: StatusCode,
    kind: &'static str,
    message: String,
    param: Option<&'static str>,
    code: Code,
}

/// The member `code`, whose type differs between servers.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Code {
    Absent,
    Text(&'static str),
    Number(u16),
}

impl ErrorResponse {
    /// Creates the error for an invalid request, with the field `param` of its body that is invalid, if
    /// there is one.
    pub(super) fn invalid(param: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            message: message.into(),
            param,
            code: Code::Absent,
        }
    }

    /// Creates the error for an invalid request that has a status of its own.
    pub(super) fn status(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, ..Self::invalid(None, message) }
    }

    pub(super) fn unauthorized() -> Self {
        let message = "Incorrect API key provided, or none: send `Authorization: Bearer KEY`.";
        Self { code: Code::Text("invalid_api_key"), ..Self::status(StatusCode::UNAUTHORIZED, message) }
    }

    pub(super) fn unknown_model(model: &str) -> Self {
        Self {
            param: Some("model"),
            code: Code::Text("model_not_found"),
            ..Self::status(StatusCode::NOT_FOUND, format!("The model `{model}` does not exist."))
        }
    }

    pub(super) fn rate_limited() -> Self {
        Self {
            kind: "rate_limit_error",
            code: Code::Text("rate_limit_exceeded"),
            ..Self::status(StatusCode::TOO_MANY_REQUESTS, "Simulated fault: rate limit reached.")
        }
    }

    /// Creates the error for a failure of the server: an HTTP status before the response, an event within a
    /// stream. The code is a number, as some servers send it, which clients that expect text must handle.
    pub(super) fn server_error() -> Self {
        Self {
            kind: "server_error",
            code: Code::Number(500),
            ..Self::status(StatusCode::INTERNAL_SERVER_ERROR, "Simulated fault: the server had an error.")
        }
    }

    pub(super) fn json(&self) -> String {
        json!({"error": self.members()}).to_string()
    }

    /// Returns the members of the object `error`.
    pub(super) fn members(&self) -> Value {
        let Self { kind, message, param, code, .. } = self;
        json!({"message": message, "type": kind, "param": param, "code": code})
    }

    pub(super) fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.json()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
