//! How a request is answered: what its body is made of.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use genai_bench_core::clock;

use super::pieces::{Output, Pieces};
use super::prompt::CachedTokens;
use super::settings::Fault;
use super::settings::Settings;

/// One request on its way to its answer.
#[derive(Debug)]
pub(super) struct RequestContext<'a> {
    pub(super) settings: &'a Settings,
    pub(super) model: &'a str,
    pub(super) number: u64,
    pub(super) input_tokens: u64,
    pub(super) stream: bool,
    /// What will go wrong with the answer.
    pub(super) fault: Option<Fault>,
    /// None when prompts are not cached.
    pub(super) cached: Option<CachedTokens>,
}

/// The body of an answer before it is written, and what kind it is.
pub(super) struct PlannedResponse {
    pub(super) content_type: &'static str,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// Piece by piece. The fault of the request is among them where it strikes halfway.
    Pieces(Box<dyn Pieces>),
    /// In one piece.
    Whole(WholeBody),
}

/// A body that comes in one piece.
pub(super) struct WholeBody {
    /// How many steps it takes to make.
    pub(super) steps: u64,
    pub(super) output: Output,
    /// Makes it, after the last step.
    pub(super) bytes: Box<dyn FnOnce() -> Bytes + Send>,
}

impl PlannedResponse {
    /// A stream of events.
    pub(super) fn events(pieces: impl Pieces + 'static) -> Self {
        let content_type = "text/event-stream; charset=utf-8";
        Self { content_type, body: Body::Pieces(Box::new(pieces)) }
    }

    /// One JSON object or list, which takes so many steps to make.
    pub(super) fn json(steps: u64, output: Output, json: impl FnOnce() -> Bytes + Send + 'static) -> Self {
        let body = Body::Whole(WholeBody { steps, output, bytes: Box::new(json) });
        Self { content_type: "application/json", body }
    }
}

/// The time of day, in seconds since 1970.
pub(super) fn unix_seconds() -> u64 {
    clock::wall().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
