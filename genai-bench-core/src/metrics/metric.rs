//! Every metric of a request that a run reports the distribution of. A new one is added here.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RequestMetrics;
use crate::units::Tokens;

/// What a metric is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Seconds, in files also milliseconds when asked for.
    Time,
    /// Tokens.
    Tokens,
    /// Tokens a second.
    TokensPerSecond,
    /// Things: embeddings, ranked documents, pictures.
    Items,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
}

macro_rules! metrics {
    ($($(#[doc = $doc:expr])* $variant:ident, $name:literal, $unit:ident, $value:expr;)*) => {
        /// A metric of a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Metric { $($(#[doc = $doc])* #[serde(rename = $name)] $variant,)* }

        impl Metric {
            /// Every metric, in the order of files and tables: the Python tool's twelve, then ours.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is counted in.
            #[must_use]
            pub fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }

            /// Its value for one request: times in seconds. `None` where it does not exist.
            #[must_use]
            pub fn of(self, request: &RequestMetrics) -> Option<f64> {
                let value: fn(&RequestMetrics) -> Option<f64> = match self { $(Self::$variant => $value,)* };
                value(request)
            }
        }
    };
}

metrics! {
    /// Time to first token, from the request's own start: the time to connect is in it.
    Ttft, "ttft", Time, |request| seconds(request.ttft());
    /// Time per output token after the first, over the tokens that were seen arriving.
    Tpot, "tpot", Time, |request| seconds(request.tpot());
    /// From sending to the end of generation.
    E2eLatency, "e2e_latency", Time, |request| seconds(request.e2e_latency());
    /// From the first output to the end of generation.
    OutputLatency, "output_latency", Time, |request| seconds(request.output_latency());
    /// Output tokens per second after the first, for this request.
    OutputInferenceSpeed, "output_inference_speed", TokensPerSecond, RequestMetrics::output_tokens_per_s;
    /// Tokens of the prompt.
    InputTokens, "num_input_tokens", Tokens, |request| tokens(request.tokens().input);
    /// Tokens of the output, reasoning included, hidden or not.
    OutputTokens, "num_output_tokens", Tokens, |request| tokens(request.tokens().output);
    /// Tokens of the output that were reasoning.
    ReasoningTokens, "num_reasoning_tokens", Tokens, |request| tokens(request.tokens().reasoning);
    /// Tokens of prompt and output.
    TotalTokens, "total_tokens", Tokens, |request| tokens(request.tokens().total());
    /// Tokens of the prompt per second until the first output, or until the end of what has no first token.
    InputThroughput, "input_throughput", TokensPerSecond, RequestMetrics::input_tokens_per_s;
    /// The Python tool's second name for the output speed.
    OutputThroughput, "output_throughput", TokensPerSecond, RequestMetrics::output_tokens_per_s;
    /// Bytes of sound per second after the first ones.
    AudioThroughput, "audio_throughput", BytesPerSecond, RequestMetrics::audio_bytes_per_s;
    /// Time to the first output that is no reasoning.
    TimeToFirstAnswer, "time_to_first_answer", Time, |request| seconds(request.time_to_first_answer());
    /// Time to the head of the response.
    TimeToHeaders, "time_to_headers", Time, |request| seconds(request.time_to_headers());
    /// Time to open the connection, of requests that opened one: DNS, TCP and TLS.
    ConnectTime, "connect_time", Time, |request| seconds(request.connect_time());
    /// From when the request was due to when it left.
    SendLag, "send_lag", Time, |request| seconds(Some(request.send_lag()));
    /// Time to first token by the server's own clock. Some servers begin to count behind their queue.
    ServerTtft, "server_ttft", Time, |request| seconds(request.server_time().first_token);
    /// Time in the server's queue by its own clock.
    ServerQueueTime, "server_queue_time", Time, |request| seconds(request.server_time().queue);
    /// Time from the first token to the last by the server's own clock.
    ServerGenerationTime, "server_generation_time", Time, |request| seconds(request.server_time().generation);
    /// Time of the whole answer by the server's own clock.
    ServerLatency, "server_latency", Time, |request| seconds(request.server_time().total);
    /// Tokens of reasoning that the server counted and never sent.
    HiddenReasoningTokens, "num_hidden_reasoning_tokens", Tokens, |request| tokens(request.tokens().hidden);
    /// Tokens of the prompt that came from the server's cache.
    CachedTokens, "num_cached_tokens", Tokens, |request| tokens(request.tokens().cached);
    /// Embeddings, ranked documents or pictures in an answer.
    Items, "num_items", Items, |request| request.items().map(|items| items as f64);
    /// Bytes of sound in an answer.
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
