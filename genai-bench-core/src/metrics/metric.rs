//! The metrics of a request that a run reports as distributions. A new metric is added here.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RequestMetrics;
use crate::units::Tokens;

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Seconds; in files also milliseconds, on request.
    Time,
    /// Tokens.
    Tokens,
    /// Tokens per second.
    TokensPerSecond,
    /// Items: embeddings, ranked documents or images.
    Items,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
}

macro_rules! metrics {
    ($($(#[doc = $doc:expr])* $variant:ident, $name:literal, $unit:ident, $value:expr;)*) => {
        /// A metric of a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Metric { $($(#[doc = $doc])* #[serde(rename = $name)] $variant,)* }

        impl Metric {
            /// All metrics in the order of files and tables: the twelve of the Python tool first.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the unit.
            #[must_use]
            pub fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }

            /// Returns the value for one request, times in seconds; `None` if the request does not have it.
            #[must_use]
            pub fn value(self, request: &RequestMetrics) -> Option<f64> {
                let value: fn(&RequestMetrics) -> Option<f64> = match self { $(Self::$variant => $value,)* };
                value(request)
            }
        }
    };
}

metrics! {
    /// Time to first token, from the start of the request; it includes the time to connect.
    Ttft, "ttft", Time, |request| seconds(request.ttft());
    /// Time per output token after the first, over the tokens that arrived.
    Tpot, "tpot", Time, |request| seconds(request.tpot());
    /// Time from sending to the end of generation.
    E2eLatency, "e2e_latency", Time, |request| seconds(request.e2e_latency());
    /// Time from the first output to the end of generation.
    OutputLatency, "output_latency", Time, |request| seconds(request.output_latency());
    /// Output tokens per second after the first, of the request.
    OutputInferenceSpeed, "output_inference_speed", TokensPerSecond, RequestMetrics::output_tokens_per_s;
    /// Tokens of the prompt.
    InputTokens, "num_input_tokens", Tokens, |request| tokens(request.tokens().input);
    /// Tokens of the output, including reasoning, hidden or not.
    OutputTokens, "num_output_tokens", Tokens, |request| tokens(request.tokens().output);
    /// Tokens of the output that are reasoning.
    ReasoningTokens, "num_reasoning_tokens", Tokens, |request| tokens(request.tokens().reasoning);
    /// Tokens of prompt and output.
    TotalTokens, "total_tokens", Tokens, |request| tokens(request.tokens().total());
    /// Tokens of the prompt per second until the first output, or until the end of an answer without a TTFT.
    InputThroughput, "input_throughput", TokensPerSecond, RequestMetrics::input_tokens_per_s;
    /// Output tokens per second, under a second name of the Python tool.
    OutputThroughput, "output_throughput", TokensPerSecond, RequestMetrics::output_tokens_per_s;
    /// Bytes of audio per second after the first output.
    AudioThroughput, "audio_throughput", BytesPerSecond, RequestMetrics::audio_bytes_per_s;
    /// Time to the first output other than reasoning.
    TimeToFirstAnswer, "time_to_first_answer", Time, |request| seconds(request.time_to_first_answer());
    /// Time to the head of the response.
    TimeToHeaders, "time_to_headers", Time, |request| seconds(request.time_to_headers());
    /// Time to open the connection, of requests that opened one: DNS, TCP and TLS.
    ConnectTime, "connect_time", Time, |request| seconds(request.connect_time());
    /// Time from the due time of the request to its sending.
    SendLag, "send_lag", Time, |request| seconds(Some(request.send_lag()));
    /// Time to first token by the server's own clock. For some servers it starts after their queue.
    ServerTtft, "server_ttft", Time, |request| seconds(request.server_time().first_token);
    /// Time in the server's queue by its own clock.
    ServerQueueTime, "server_queue_time", Time, |request| seconds(request.server_time().queue);
    /// Time from the first token to the last by the server's own clock.
    ServerGenerationTime, "server_generation_time", Time, |request| seconds(request.server_time().generation);
    /// Time of the whole answer by the server's own clock.
    ServerLatency, "server_latency", Time, |request| seconds(request.server_time().total);
    /// Tokens of reasoning that the server counts but does not send.
    HiddenReasoningTokens, "num_hidden_reasoning_tokens", Tokens, |request| tokens(request.tokens().hidden);
    /// Tokens of the prompt that came from the server's cache.
    CachedTokens, "num_cached_tokens", Tokens, |request| tokens(request.tokens().cached);
    /// Embeddings, ranked documents or images in an answer.
    Items, "num_items", Items, |request| request.items().map(|items| items as f64);
    /// Bytes of audio in an answer.
    AudioBytes, "num_audio_bytes", Bytes, |request| request.audio_bytes().map(|bytes| bytes as f64);
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn seconds(time: Option<Duration>) -> Option<f64> {
    time.map(|it| it.as_secs_f64())
}

fn tokens(count: Option<Tokens>) -> Option<f64> {
    count.map(|it| it.0 as f64)
}
