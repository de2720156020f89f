//! The plan of a response: its content type and the pieces of its body.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use genai_bench_core::clock;

use super::pieces::{Output, Pieces};
use super::prompt::CachedTokens;
use super::settings::Fault;
use super::settings::Settings;

/// The context in which one request is answered.
#[derive(Debug)]
pub(super) struct RequestContext<'a> {
    pub(super) settings: &'a Settings,
    pub(super) model: &'a str,
    pub(super) number: u64,
    pub(super) input_tokens: u64,
    pub(super) stream: bool,
    /// The fault that is injected into the response.
    pub(super) fault: Option<Fault>,
    /// The number of cached tokens, or `None` when prompts are not cached.
    pub(super) cached: Option<CachedTokens>,
}

/// The body of a response before it is written, and its content type.
pub(super) struct PlannedResponse {
    pub(super) content_type: &'static str,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// A body in pieces. The fault of the request is among them if it is injected halfway.
    Pieces(Box<dyn Pieces>),
    /// A body in one piece.
    Whole(WholeBody),
}

/// A body in one piece.
pub(super) struct WholeBody {
    /// The number of steps to generate it.
    pub(super) steps: u64,
    pub(super) output: Output,
    /// Builds the body, after the last step.
    pub(super) bytes: Box<dyn FnOnce() -> Bytes + Send>,
}

impl PlannedResponse {
    /// Creates a stream of events.
    pub(super) fn events(pieces: impl Pieces + 'static) -> Self {
        let content_type = "text/event-stream; charset=utf-8";
        Self { content_type, body: Body::Pieces(Box::new(pieces)) }
    }

    /// Creates one JSON object or list that takes `steps` steps to generate.
    pub(super) fn json(steps: u64, output: Output, json: impl FnOnce() -> Bytes + Send + 'static) -> Self {
        let body = Body::Whole(WholeBody { steps, output, bytes: Box::new(json) });
        Self { content_type: "application/json", body }
    }
}

/// Returns the time of day, in seconds since 1970.
pub(super) fn unix_seconds() -> u64 {
    clock::wall().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
