//! Output of requests that failed or were cancelled half way: the server made it, so throughput counts it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::timeline::Timeline;
use super::{TokenCounts, TokenSource, Window};
use crate::record::RequestRecord;
use crate::units::Offset;

/// Output tokens of requests that failed or were cancelled half way, and how they were counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnfinishedOutput {
    /// Their output tokens, estimated where neither the server nor a tokenizer counted.
    pub output_tokens: f64,
    /// The number of such requests by the origin of the count.
    pub sources: BTreeMap<TokenSource, u64>,
}

/// Collects the output of unfinished requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished {
    /// Events of those that nobody counted, by when they came.
    events: Timeline,
    num_events: u64,
    tokens: u64,
    sources: BTreeMap<TokenSource, u64>,
    cancelled: Vec<Cancelled>,
}

/// A request that the end of the run cut off.
#[derive(Clone, Copy, Debug)]
struct Cancelled {
    sent: Offset,
    ended: Offset,
    tokens: Option<u64>,
    events: u64,
}

impl Unfinished {
    /// Adds a request that failed or was cancelled after some output. Without a count, its events stand for tokens.
    pub(super) fn add(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let events = events_of(record);
        if events == 0 {
            return;
        }
        match counts.output {
            Some(tokens) => self.tokens = self.tokens.saturating_add(tokens.0),
            None => {
                self.num_events += events;
                record
                    .arrivals
                    .iter()
                    .for_each(|arrival| self.events.add(arrival.at, f64::from(arrival.pieces)));
            }
        }
        let source = if counts.output.is_some() { counts.output_source } else { TokenSource::Events };
        *self.sources.entry(source).or_default() += 1;
        if record.failure.as_ref().is_some_and(crate::failure::Failure::is_cancellation) {
            let tokens = counts.output.map(|tokens| tokens.0);
            self.cancelled.push(Cancelled { sent: record.sent, ended: record.ended, tokens, events });
        }
    }

    /// Returns whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Adds the tokens of requests that nobody counted to `output`, at so many tokens an event.
    pub(super) fn add_uncounted_to(&self, output: &mut Timeline, tokens_per_event: f64) {
        output.add_scaled(&self.events, tokens_per_event);
    }

    /// Returns how many answers the cancelled requests stand for inside `window`: each by the share of a mean answer
    /// that had arrived, so that answers per second and tokens per second agree.
    pub(super) fn answers_inside(&self, window: &Window, mean_tokens: f64, tokens_per_event: f64) -> f64 {
        let part_of_an_answer = |request: &Cancelled| {
            let tokens =
                request.tokens.map_or(request.events as f64 * tokens_per_event, |tokens| tokens as f64);
            let part = (tokens / mean_tokens).min(1.0);
            part * window.share_inside(request.sent, request.ended)
        };
        if mean_tokens > 0.0 { self.cancelled.iter().map(part_of_an_answer).sum() } else { 0.0 }
    }

    /// Summarizes what was added.
    pub(super) fn summary(&self, tokens_per_event: f64) -> UnfinishedOutput {
        let output_tokens = self.tokens as f64 + self.num_events as f64 * tokens_per_event;
        UnfinishedOutput { output_tokens, sources: self.sources.clone() }
    }
}

/// Returns how many events of output a request had.
pub(super) fn events_of(record: &RequestRecord) -> u64 {
    record.arrivals.iter().map(|arrival| u64::from(arrival.pieces)).sum()
}
