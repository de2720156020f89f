//! Metrics of requests and runs, computed from request records.
//!
//! Names and formulas are those of the Python tool where these are correct. The functions are pure: they use no clock
//! and no backend, so that all metrics can be computed again from a journal at any time.
//!
//! # Metrics of a request
//!
//! See [`RequestMetrics`]. *Sent* is the time at which the request was sent. *The end of generation* is the later of the
//! last output and the chunk with the finish reason, because the token that ends an answer is in the server's count and
//! has no text. Token counts and `[DONE]` after it are ignored.
//!
//! | name | formula | absent |
//! | --- | --- | --- |
//! | `ttft` | first output − sent | no output, or an answer in one piece, or a bundled answer |
//! | `time_to_first_answer` | first output other than reasoning − sent | as `ttft`, or only reasoning arrived |
//! | `connect_time` | DNS, TCP and TLS of a new connection; part of `ttft` | the connection was reused |
//! | `time_to_headers` | head of the response − sent | there was no response |
//! | `e2e_latency` | end of generation − sent | no output |
//! | `output_latency` | end of generation − first output | as `ttft` |
//! | `tpot` | `output_latency` / (visible tokens − 1) | fewer than 2 tokens, or output in less than 1 ms |
//! | `output_inference_speed`, `output_throughput` | 1 / `tpot` | as `tpot` |
//! | `num_input_tokens` | the server's count, else the workload's | there is no count; a count of 0 is none |
//! | `num_output_tokens` | the server's count, else the tokenizer's; reasoning included | there is no count |
//! | `num_reasoning_tokens` | tokens of reasoning | there is no count |
//! | `num_hidden_reasoning_tokens` | tokens of reasoning that the server counts but does not send | as above |
//! | `input_throughput` | input tokens / `ttft`, for embeddings and ranked documents / `e2e_latency` | as its parts |
//! | `audio_throughput` | bytes of audio / `output_latency` | there is no audio, or all arrived at once |
//! | `num_items`, `num_audio_bytes` | embeddings, ranked documents or images; bytes of audio | there are none |
//! | `send_lag` | sent − due | never |
//! | `server_*` | the server's own times; never mixed with measured ones | the server reports none |
//!
//! *Visible tokens* are the output tokens without hidden reasoning. A streamed answer is *bundled* when all its output
//! arrived in one or two reads ([`Bundling`]); events less than 50 µs apart are one read.
//!
//! # Metrics of a run
//!
//! See [`RunMetrics`].
//!
//! - The [`Window`] is the part of the run in which all slots were open. **The rule**: distributions and inter-token
//!   latency are over the answers to requests that were sent inside the window and ended inside it. This holds for all
//!   requests outside the window: those of the ramp-up, the warmup, the cooldown and the tail of the run.
//! - Output tokens per second are all tokens that arrived in the window, including those of requests that failed or were
//!   cancelled after some output ([`UnfinishedOutput`]): counted by the server, else by the model's tokenizer, else by
//!   their events at the ratio of the answered requests. Hidden reasoning counts evenly over the time until the first
//!   output; so do the tokens of a prompt.
//! - Requests per second: each answer counts by the share of its duration inside the window, a cancelled request by the
//!   share of a mean answer that had arrived. Requests per second times tokens per request are therefore tokens per
//!   second, for a window of any length.
//! - Inter-token latency ([`GapStats`]) is the gap from one read to the next. In a run of more than a thousand answers
//!   with a warmup or cooldown, it is cut at groups of answers, of which there are at least 128.
//! - The [`Verdict`] rates the validity of these metrics.

mod bundling;
mod collector;
mod compact;
mod distribution;
mod evidence;
mod facts;
mod failure_pool;
mod gap_log;
mod inter_token_latency;
mod metric;
mod rates;
mod request;
mod run;
mod timeline;
mod tokens;
mod turns;
mod unfinished;
mod verdict;
mod window;

pub use bundling::Bundling;
pub use collector::MetricsCollector;
pub use distribution::Distribution;
pub use facts::{ClientHealth, RunEnding, RunFacts};
pub use inter_token_latency::{AnswerGaps, GapStats, InterTokenLatency};
pub use metric::{Metric, Unit};
pub use request::RequestMetrics;
pub use run::{Connections, RunMetrics};
pub use tokens::{TokenCounts, TokenSource};
pub use turns::TurnStats;
pub use unfinished::UnfinishedOutput;
pub use verdict::{Check, Verdict, VerdictLevel};
pub use window::{Window, WindowBasis};
