//! The metrics of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Distribution, GapStats, Metric, RequestMetrics, TokenSource, TurnStats, Verdict, Window};
use crate::failure::FailureKind;

/// What a run tells. Throughputs are over its [`Window`]; what does not exist is `None`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunMetrics {
    /// Which part of the run throughputs speak of.
    pub window: Window,
    /// Output tokens that arrived in the window, per second of it.
    pub output_tokens_per_s: Option<f64>,
    /// Prompt tokens whose first output arrived in the window, per second of it.
    pub input_tokens_per_s: Option<f64>,
    /// Both together.
    pub total_tokens_per_s: Option<f64>,
    /// Answers that were complete in the window, per second of it.
    pub requests_per_s: Option<f64>,
    /// Embeddings, ranked documents or pictures of answers that were complete in the window, per second of it.
    pub items_per_s: Option<f64>,
    /// Bytes of sound of answers that were complete in the window, per second of it.
    pub audio_bytes_per_s: Option<f64>,
    /// Failures by the number the Python tool's files carry: the HTTP status, mostly.
    pub error_codes: BTreeMap<i32, u64>,
    /// Failures by kind. Cancelled requests are not among them.
    pub failures: BTreeMap<FailureKind, u64>,
    /// Requests that were answered in full.
    pub completed: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests that the end of the run cut off. They count nowhere else.
    pub cancelled: u64,
    /// Requests that were sent again.
    pub retried: u64,
    /// How often that was, together.
    pub retries: u64,
    /// The distribution of each metric over the requests in the window that were answered.
    pub stats: BTreeMap<Metric, Distribution>,
    /// The same distributions for each turn of a session by itself; empty when every session had one turn.
    pub turns: Vec<TurnStats>,
    /// Inter-token latency: the gaps between arrivals of output.
    pub itl: Option<GapStats>,
    /// The connections that carried requests.
    pub connections: Connections,
    /// Who counted the tokens of prompts, over all answered requests.
    pub input_sources: BTreeMap<TokenSource, u64>,
    /// Who counted the tokens of outputs, over all answered requests.
    pub output_sources: BTreeMap<TokenSource, u64>,
    /// Whether to believe all this.
    pub verdict: Verdict,
    /// Every request, in the order in which they ended.
    pub requests: Vec<RequestMetrics>,
}

impl RunMetrics {
    /// Requests that were answered or failed.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.completed + self.failed
    }

    /// Which share of finished requests failed, from 0 to 1; `None` when none finished.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.finished() > 0).then(|| self.failed as f64 / self.finished() as f64)
    }

    /// The distribution of one metric; `None` when no request has it.
    #[must_use]
    pub fn distribution(&self, metric: Metric) -> Option<&Distribution> {
        self.stats.get(&metric)
    }
}

/// How many requests opened a connection, and how many found one open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connections {
    /// Requests that waited for a new connection.
    pub opened: u64,
    /// Requests that found one open.
    pub reused: u64,
}
