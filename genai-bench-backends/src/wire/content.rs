//! What the head of a response says of its body.

use genai_bench_core::request::Request;
use http::header::CONTENT_TYPE;

/// What a body is, by its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Server-sent events.
    Events,
    /// JSON.
    Json,
    /// Any other text.
    Text,
    /// Anything else, or nothing.
    Other,
}

impl Content {
    /// That of the response with this head.
    pub(crate) fn of(head: &http::response::Parts) -> Self {
        let told = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        match told.split(';').next().unwrap_or_default().trim() {
            "text/event-stream" => Self::Events,
            "application/json" => Self::Json,
            it if it.starts_with("text/") => Self::Text,
            _ => Self::Other,
        }
    }

    /// Whether an answer in text comes piece by piece: as was asked, unless the server says otherwise.
    pub(crate) fn is_streamed(self, request: &Request) -> bool {
        match self {
            Self::Events => true,
            Self::Json => false,
            Self::Text | Self::Other => request.stream,
        }
    }
}
