//! Failures of single requests. A failure is data, not an error of the run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sanitize::printable;
use crate::transport::TransportError;

mod headers;
mod html;

pub(crate) use html::page_title;

/// The failure of a request.
///
/// Its kinds separate the causes: [`NotSent`](FailureKind::NotSent) is a failure of the client, most others are
/// failures of the server or the network, and [`Cancelled`](FailureKind::Cancelled) is neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The kind, by which failures are counted.
    pub kind: FailureKind,
    /// The HTTP status, if there was one, or the code of an error inside a successful response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The message of the server or the system, cut to [`Failure::LONGEST_MESSAGE`] bytes.
    pub message: String,
    /// The pause before the next attempt that the server requests, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<f64>,
    /// The provider's error code, such as `context_length_exceeded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's ID of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The response headers about rate limits, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "headers::few_limits")]
    pub rate_limits: BTreeMap<String, String>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The request could not be encoded or authorized.
    NotSent,
    /// No connection could be made.
    Connect,
    /// The server refused, with an HTTP status other than those of the next two kinds.
    Status,
    /// The server refused because of a rate limit: status 429.
    RateLimited,
    /// The server refused because it is overloaded or unavailable: status 503 or 529.
    Unavailable,
    /// The connection broke before the response was complete.
    ConnectionLost,
    /// The server had closed a connection kept from an earlier request while it was idle: no byte of the response
    /// arrived, and no answer was lost.
    StaleConnection,
    /// The response ended properly, but before the provider had declared the answer complete.
    Truncated,
    /// The bytes are not this provider's format.
    Malformed,
    /// The provider reported an error inside a successful response.
    InBand,
    /// The whole request took longer than allowed.
    Timeout,
    /// No bytes arrived within the stall timeout.
    Stalled,
    /// The answer exceeded the size limit, or the answers in flight exceeded the memory limit together: the rest was
    /// not read.
    AnswerTooLong,
    /// A successful status without any output, finish reason or token count.
    EmptyAnswer,
    /// The server aborted a successful response, as its finish reason reports.
    Aborted,
    /// The run ended first. Cancelled requests are counted separately and are in no error rate.
    Cancelled,
}

impl FailureKind {
    /// Returns the name in files and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Connect => "connect",
            Self::Status => "status",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::ConnectionLost => "connection_lost",
            Self::StaleConnection => "stale_connection",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::InBand => "in_band",
            Self::Timeout => "timeout",
            Self::Stalled => "stalled",
            Self::AnswerTooLong => "answer_too_long",
            Self::EmptyAnswer => "empty_answer",
            Self::Aborted => "aborted",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the error code of a failure without an HTTP status in the Python tool's files.
    ///
    /// The codes are the Python tool's own where they cannot be mistaken for a status of the server (408 for a
    /// timeout, -1 for an error inside a stream), and negative numbers for the rest. A broken connection is 503 in
    /// the Python tool, which servers send too.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Timeout | Self::Stalled => 408,
            Self::InBand | Self::Status | Self::RateLimited | Self::Unavailable => -1,
            Self::NotSent => -2,
            Self::Truncated => -3,
            Self::Malformed => -4,
            Self::Cancelled => -5,
            Self::EmptyAnswer => -6,
            Self::Aborted => -7,
            Self::Connect => -8,
            Self::ConnectionLost => -9,
            Self::StaleConnection => -10,
            Self::AnswerTooLong => -11,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Failure {
    /// The maximum length of a message, in bytes; the rest is cut.
    pub const LONGEST_MESSAGE: usize = 1_000;
    /// The maximum length of an error code, a request ID and a rate-limit header, in bytes; the rest is cut.
    /// Providers send less than a hundred.
    pub(crate) const LONGEST_WORD: usize = 256;
    /// The maximum number of rate-limit headers in a failure: providers send up to twenty.
    pub(crate) const MOST_RATE_LIMITS: usize = 32;

    /// Creates a failure of this kind. A page of HTML in the message is cut to its title.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        let mut message = html::without_pages(&message.into()).into_owned();
        if message.len() > Self::LONGEST_MESSAGE {
            message.truncate(message.floor_char_boundary(Self::LONGEST_MESSAGE));
            message.push('…');
        }
        Self {
            kind,
            status: None,
            message,
            retry_after_s: None,
            code: None,
            request_id: None,
            rate_limits: BTreeMap::new(),
        }
    }

    /// Creates the failure for an error that the provider reported inside a successful response.
    pub fn in_band(message: impl Into<String>) -> Self {
        Self::new(FailureKind::InBand, message)
    }

    /// Creates the failure for an unsuccessful response. `Retry-After` in seconds or `Retry-After-Ms`, the request ID
    /// and the rate limits are read from the head.
    pub fn refused(head: &http::response::Parts, message: impl Into<String>) -> Self {
        let kind = match head.status.as_u16() {
            429 => FailureKind::RateLimited,
            503 | 529 => FailureKind::Unavailable,
            _ => FailureKind::Status,
        };
        Self {
            status: Some(head.status.as_u16()),
            retry_after_s: headers::retry_after_s(&head.headers),
            request_id: headers::request_id(&head.headers),
            rate_limits: headers::rate_limits(&head.headers),
            ..Self::new(kind, message)
        }
    }

    /// Sets the provider's error code.
    #[must_use]
    pub fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.filter(|code| !code.is_empty()).map(headers::shortened);
        self
    }

    /// Sets the status or code that the provider gave the error.
    #[must_use]
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        self.status = status;
        self
    }

    /// Creates the failure for an answer of which no bytes arrived for `allowed`, the stall timeout.
    #[must_use]
    pub fn stalled(allowed: Duration) -> Self {
        Self::new(FailureKind::Stalled, format!("nothing came for {allowed:?}, the stall timeout"))
    }

    /// Creates the failure for a request that took longer than `allowed`, the request timeout.
    #[must_use]
    pub fn timed_out(allowed: Duration) -> Self {
        Self::new(FailureKind::Timeout, format!("not finished in {allowed:?}, the request timeout"))
    }

    /// Creates the failure for a request that was in flight at the end of the run.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(FailureKind::Cancelled, "the run ended first")
    }

    /// Puts the target address of a redirect, without user and query, before the message of the server.
    #[must_use]
    pub(crate) fn with_redirect(mut self, location: &str) -> Self {
        let message = format!("{REDIRECTED}{location}{NOT_FOLLOWED}");
        self.message = match self.message.trim() {
            "" => message,
            server_message => Self::new(self.kind, format!("{message}: {server_message}")).message,
        };
        self
    }

    /// Returns the address that the response redirects to, without user and query. It is not followed.
    #[must_use]
    pub fn redirect(&self) -> Option<&str> {
        let is_redirect = self.status.is_some_and(|status| (300..400).contains(&status));
        let rest = self.message.strip_prefix(REDIRECTED).filter(|_| is_redirect)?;
        rest.split_once(NOT_FOLLOWED).map(|(location, _)| location)
    }

    /// Returns the error code in the Python tool's files: the HTTP status, or [`FailureKind::code`].
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.map_or_else(|| self.kind.code(), i32::from)
    }

    /// Returns `true` if the end of the run cancelled the request, which is no failure of the server.
    #[must_use]
    pub fn is_cancellation(&self) -> bool {
        self.kind == FailureKind::Cancelled
    }
}

/// The parts of a message around the address that a redirect points to.
const REDIRECTED: &str = "redirected to ";
const NOT_FOLLOWED: &str = ", which is not followed";

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = printable(&self.message);
        match self.status {
            Some(status) => write!(f, "{} {status}: {message}", self.kind),
            None => write!(f, "{}: {message}", self.kind),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let kind = match &error {
            TransportError::Connect(_) | TransportError::ConnectTimeout | TransportError::Tls(_) => {
                FailureKind::Connect
            }
            TransportError::Lost(_) => FailureKind::ConnectionLost,
            TransportError::Stale(_) => FailureKind::StaleConnection,
            TransportError::Refused(_) => FailureKind::NotSent,
        };
        Self::new(kind, error.to_string())
    }
}

/// A failure to decode a response body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The body ended before the provider declared it complete.
    #[error("the body ended early")]
    Truncated,
    /// The bytes are not this provider's format.
    #[error("malformed body: {0}")]
    Malformed(Cow<'static, str>),
    /// A part of the body exceeds its size limit.
    #[error("{0}: the rest of the answer was not read")]
    TooLong(Cow<'static, str>),
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        let kind = match &error {
            DecodeError::Truncated => FailureKind::Truncated,
            DecodeError::Malformed(_) => FailureKind::Malformed,
            DecodeError::TooLong(_) => FailureKind::AnswerTooLong,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_without_a_status_has_no_code_that_servers_send() {
        let refused = Failure::from(TransportError::Connect("refused".into()));
        let lost = Failure::from(TransportError::Lost("reset".into()));
        let stale = Failure::from(TransportError::Stale("reset".into()));
        assert_eq!((refused.code(), lost.code(), stale.code()), (-8, -9, -10));
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let failure = Failure::in_band("é".repeat(Failure::LONGEST_MESSAGE));
        assert!(failure.message.len() <= Failure::LONGEST_MESSAGE + '…'.len_utf8());
        assert!(failure.message.ends_with('…'));
    }

    #[test]
    fn ids_codes_and_limits_of_a_refusal_are_recorded() {
        let refused = |status: u16| {
            let response = http::Response::builder()
                .status(status)
                .header("x-request-id", "r-1")
                .header("x-ratelimit-remaining-tokens", "0")
                .header("x-trial-endpoint-call-limit", "20")
                .header("x-other", "1");
            Failure::refused(&response.body(()).unwrap().into_parts().0, "no").with_code(Some("rate_limit"))
        };
        let failure = refused(429);
        assert_eq!(failure.kind, FailureKind::RateLimited);
        assert_eq!(
            (failure.request_id.as_deref(), failure.code.as_deref()),
            (Some("r-1"), Some("rate_limit"))
        );
        let limits = [("x-ratelimit-remaining-tokens", "0"), ("x-trial-endpoint-call-limit", "20")];
        let limits = limits.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(failure.rate_limits, limits);
        let line = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<Failure>(&line).unwrap(), failure);
        assert_eq!(
            [503, 529, 500].map(|it| refused(it).kind),
            [FailureKind::Unavailable, FailureKind::Unavailable, FailureKind::Status,]
        );
        assert_eq!(failure.code(), 429);
    }

    #[test]
    fn long_ids_codes_and_limits_of_a_refusal_are_cut() {
        let long = "x".repeat(10_000);
        let mut response = http::Response::builder().status(429).header("x-request-id", &long);
        for number in 0..100 {
            response = response.header(format!("x-ratelimit-{number}"), &long);
        }
        let failure =
            Failure::refused(&response.body(()).unwrap().into_parts().0, "no").with_code(Some(&long));
        assert_eq!(failure.code.as_deref(), Some(&long[..Failure::LONGEST_WORD]));
        assert_eq!(failure.request_id, failure.code);
        assert_eq!(failure.rate_limits.len(), Failure::MOST_RATE_LIMITS);
        assert!(failure.rate_limits.values().all(|value| value.len() == Failure::LONGEST_WORD));
        let line = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<Failure>(&line).unwrap(), failure);
        let more = line.replacen("\"x-ratelimit-0\"", "\"other\":\"1\",\"x-ratelimit-0\"", 1);
        assert!(
            serde_json::from_str::<Failure>(&more)
                .is_err_and(|error| error.to_string().contains("more than 32"))
        );
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_never_guessed() {
        let read = |value: &str| read_as("retry-after", value);
        fn read_as(name: &str, value: &str) -> Option<f64> {
            let (head, ()) =
                http::Response::builder().status(429).header(name, value).body(()).unwrap().into_parts();
            Failure::refused(&head, "slow down").retry_after_s
        }
        assert_eq!(read("1.5"), Some(1.5));
        assert_eq!(read_as("retry-after-ms", "250"), Some(0.25));
        assert_eq!(read_as("retry-after-ms", "-1"), None);
        assert_eq!(read("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(read("inf"), None);
    }
}
