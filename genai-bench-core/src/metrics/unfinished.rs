//! The output of requests that failed or were cancelled after some output. It is part of the server's throughput.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::timeline::Timeline;
use super::{TokenCounts, TokenSource, Window};
use crate::record::RequestRecord;
use crate::units::Offset;

/// Output tokens of requests that failed or were cancelled after some output, and the origin of their counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnfinishedOutput {
    /// The output tokens, estimated where there is no count of the server or a tokenizer.
    pub output_tokens: f64,
    /// The number of these requests by the origin of the count.
    pub sources: BTreeMap<TokenSource, u64>,
}

/// A collector of the output of unfinished requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished {
    /// Events of requests without a token count, by their arrival.
    events: Timeline,
    num_events: u64,
    tokens: u64,
    sources: BTreeMap<TokenSource, u64>,
    cancelled: Vec<Cancelled>,
}

/// A request that was cancelled at the end of the run.
#[derive(Clone, Copy, Debug)]
struct Cancelled {
    sent: Offset,
    ended: Offset,
    tokens: Option<u64>,
    events: u64,
}

impl Unfinished {
    /// Adds a request that failed or was cancelled after some output. Without a token count, its events are counted.
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

    /// Returns `true` if nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Adds the estimated tokens of requests without a token count to `output`.
    pub(super) fn add_uncounted_to(&self, output: &mut Timeline, tokens_per_event: f64) {
        output.add_scaled(&self.events, tokens_per_event);
    }

    /// Returns the number of answers inside `window` that the cancelled requests count as: each by the share of a mean
    /// answer that had arrived, so that answers per second and tokens per second agree.
    pub(super) fn answers_inside(&self, window: &Window, mean_tokens: f64, tokens_per_event: f64) -> f64 {
        if mean_tokens <= 0.0 {
            return 0.0;
        }
        self.cancelled
            .iter()
            .map(|request| {
                let tokens =
                    request.tokens.map_or(request.events as f64 * tokens_per_event, |tokens| tokens as f64);
                let share_of_answer = (tokens / mean_tokens).min(1.0);
                share_of_answer * window.share_inside(request.sent, request.ended)
            })
            .sum()
    }

    /// Returns the summary of the requests.
    pub(super) fn summary(&self, tokens_per_event: f64) -> UnfinishedOutput {
        let output_tokens = self.tokens as f64 + self.num_events as f64 * tokens_per_event;
        UnfinishedOutput { output_tokens, sources: self.sources.clone() }
    }
}

/// Returns the number of output events of a request.
pub(super) fn events_of(record: &RequestRecord) -> u64 {
    record.arrivals.iter().map(|arrival| u64::from(arrival.pieces)).sum()
}
