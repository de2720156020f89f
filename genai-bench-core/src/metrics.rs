//! Pure functions of traces: from one request to a run.
//!
//! Names and formulas are those of the Python tool where it is right. They know no clock and no backend, so
//! they can be computed again from a journal years later.
//!
//! # Of one request
//!
//! See [`RequestMetrics`]. *Sent* is when the request left, *the end of generation* the later of the last output and of
//! the chunk that carries the finish reason: the token that ends an answer is in the server's count and has no text.
//! Token counts and `[DONE]` behind it count for nothing.
//!
//! | name | formula | absent |
//! | --- | --- | --- |
//! | `ttft` | first output − sent | nothing came, or the answer came in one piece or was bundled |
//! | `time_to_first_answer` | first output that is no reasoning − sent | as `ttft`, or only reasoning came |
//! | `connect_time` | DNS, TCP and TLS of a new connection; part of `ttft` | a connection was open |
//! | `time_to_headers` | head of the response − sent | there was no response |
//! | `e2e_latency` | end of generation − sent | nothing came |
//! | `output_latency` | end of generation − first output | as `ttft` |
//! | `tpot` | `output_latency` / (visible tokens − 1) | fewer than 2 tokens, or output in less than 1 ms |
//! | `output_inference_speed`, `output_throughput` | 1 / `tpot` | as `tpot` |
//! | `num_input_tokens` | the server's count, else the workload's | nobody counted; a count of 0 is none |
//! | `num_output_tokens` | the server's count, else the tokenizer's; reasoning included | nobody counted |
//! | `num_reasoning_tokens` | tokens of reasoning | nobody counted them |
//! | `num_hidden_reasoning_tokens` | reasoning that was counted and never sent | as above |
//! | `input_throughput` | input tokens / `ttft`, for embeddings and ranked documents / `e2e_latency` | as these |
//! | `audio_throughput` | bytes of sound / `output_latency` | there is no sound, or all came at once |
//! | `num_items`, `num_audio_bytes` | embeddings, ranked documents or pictures; bytes of sound | there are none |
//! | `send_lag` | sent − due | never |
//! | `server_*` | the server's own times; never mixed with measured ones | the server reports none |
//!
//! *Visible tokens* are the output tokens without hidden reasoning. An answer is *bundled* when all its output arrived in
//! one or two reads although it was streamed ([`Bundling`]); events less than 50 µs apart are one read.
//!
//! # Of a run
//!
//! See [`RunMetrics`].
//!
//! - The [`Window`] is the part of the run in which all slots were open. **The rule**: distributions and inter-token
//!   latency are over the answers to requests that were sent inside the window and ended inside it, whether a ramp, a
//!   warm-up, a cool-down or the tail of the run cuts the others off.
//! - Output tokens per second are all tokens that arrived in the window, also those of requests that failed or were
//!   cancelled half way ([`UnfinishedOutput`]): counted by the server, else by the model's tokenizer, else by their events
//!   at the ratio of the answered requests. Hidden reasoning counts evenly over the time until the first output; so do the
//!   tokens of a prompt.
//! - Requests per second: each answer counts by the share of its life inside the window, a cancelled request by how much
//!   of a mean answer had arrived. So requests per second times tokens per request are tokens per second, however short the
//!   window.
//! - Inter-token latency ([`GapStats`]) is the gap from one read to the next. In a run of more than a thousand answers of
//!   which a warm-up or cool-down is left out, it is cut at groups of answers, of which there are 128 at least.
//! - The [`Verdict`] says whether to believe all that.

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
