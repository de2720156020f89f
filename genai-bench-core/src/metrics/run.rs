//! The metrics of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Bundling, Distribution, GapStats, Metric, RequestMetrics, RunEnding, TokenSource, TurnStats,
    UnfinishedOutput, Verdict, Window,
};
use crate::failure::FailureKind;

/// The metrics of a run. Rates are over its [`Window`]; what does not exist is `None`. Times are in seconds.
///
/// Serialized, it has everything but the single requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunMetrics {
    /// The part of the run that distributions and rates are over.
    pub window: Window,
    /// Answers to requests that were sent and ended in the window: those that distributions are over.
    pub answered_in_window: u64,
    /// Output tokens that arrived in the window, per second of it: also those of requests that failed or were
    /// cancelled half way.
    pub output_tokens_per_s: Option<f64>,
    /// Prompt tokens per second of the window, each prompt spread over the time until its first output.
    pub input_tokens_per_s: Option<f64>,
    /// Prompt and output tokens per second of the window; absent unless both are known.
    pub total_tokens_per_s: Option<f64>,
    /// Answers per second of the window. An answer across an edge counts by the share of its life inside, a
    /// cancelled one by how much of a mean answer had arrived.
    pub requests_per_s: Option<f64>,
    /// Embeddings, ranked documents or pictures per second of the window.
    pub items_per_s: Option<f64>,
    /// Bytes of sound per second of the window.
    pub audio_bytes_per_s: Option<f64>,
    /// Failures by the number the Python tool's files carry: the HTTP status, mostly.
    pub error_codes: BTreeMap<i32, u64>,
    /// Failures by kind. Cancelled requests are not among them.
    pub failures: BTreeMap<FailureKind, u64>,
    /// Answers by finish reason, such as `stop` or `length`; `unstated` where the server gave none.
    pub finish_reasons: BTreeMap<String, u64>,
    /// Requests that were answered in full.
    pub completed: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests that the end of the run cut off. What had arrived of their answers is in the throughput.
    pub cancelled: u64,
    /// Output of requests that failed or were cancelled half way; absent when there was none.
    pub unfinished: Option<UnfinishedOutput>,
    /// Requests that were sent again.
    pub retried: u64,
    /// The number of times that requests were sent again.
    pub retries: u64,
    /// The distribution of each metric over the answers in the window.
    pub stats: BTreeMap<Metric, Distribution>,
    /// The same distributions for each turn of a session by itself; empty when every session had one turn.
    pub turns: Vec<TurnStats>,
    /// Inter-token latency: the gaps between arrivals of output, of the answers in the window.
    pub itl: Option<GapStats>,
    /// The share of output that arrived together; absent where no answer was streamed.
    pub bundling: Option<Bundling>,
    /// The connections that carried requests.
    pub connections: Connections,
    /// The origin of prompt counts, over all answered requests.
    pub input_sources: BTreeMap<TokenSource, u64>,
    /// The origin of output counts, over all answered requests.
    pub output_sources: BTreeMap<TokenSource, u64>,
    /// The end of the run: at a limit, or before it.
    pub ending: RunEnding,
    /// The checks of the run, and the level of trust that follows from them.
    pub verdict: Verdict,
    /// Every request, in the order in which they ended.
    #[serde(skip)]
    pub requests: Vec<RequestMetrics>,
}

impl RunMetrics {
    /// Returns the number of requests that were answered or failed.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.completed + self.failed
    }

    /// Returns the share of finished requests that failed, from 0 to 1; `None` when none finished.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.finished() > 0).then(|| self.failed as f64 / self.finished() as f64)
    }

    /// Returns the distribution of a metric over the answers in the window; `None` when none of them has it.
    #[must_use]
    pub fn distribution(&self, metric: Metric) -> Option<&Distribution> {
        self.stats.get(&metric)
    }

    /// Returns the distribution of the time to first token, in seconds.
    #[must_use]
    pub fn ttft(&self) -> Option<&Distribution> {
        self.distribution(Metric::Ttft)
    }

    /// Returns the distribution of the time per output token after the first, in seconds.
    #[must_use]
    pub fn tpot(&self) -> Option<&Distribution> {
        self.distribution(Metric::Tpot)
    }

    /// Returns the distribution of the end-to-end latency, in seconds.
    #[must_use]
    pub fn e2e_latency(&self) -> Option<&Distribution> {
        self.distribution(Metric::E2eLatency)
    }

    /// Returns a percentile of a metric over the answers in the window: `quantile` is from 0 to 1, and 0.999 is p99.9.
    /// Interpolates as [`Distribution`] does; times are in seconds. `None` when no answer has the metric, or `quantile` is
    /// not from 0 to 1.
    #[must_use]
    pub fn percentile(&self, metric: Metric, quantile: f64) -> Option<f64> {
        let answered = self
            .requests
            .iter()
            .filter(|request| request.succeeded() && self.window.holds_request(request.sent, request.ended));
        super::distribution::percentile_of(answered.filter_map(|request| metric.value(request)), quantile)
    }
}

/// The connections that requests opened, and those that they found open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connections {
    /// Requests that waited for a new connection.
    pub opened: u64,
    /// Requests that found one open.
    pub reused: u64,
    /// Answers in the window whose request waited for a new connection: it is in their TTFT.
    #[serde(default)]
    pub opened_in_window: u64,
    /// Answers whose body was left open after their end: their connections could not be used again.
    #[serde(default)]
    pub left_open: u64,
}
