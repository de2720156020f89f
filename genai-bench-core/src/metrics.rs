//! Pure functions of traces: from one request to a run.
//!
//! Names and formulas are those of the Python tool where it is right. They know no clock and no backend, so
//! they can be computed again from a journal years later.
//!
//! Of one request (see [`RequestMetrics`]):
//!
//! | name | formula | absent |
//! | --- | --- | --- |
//! | `ttft` | first output − sent | nothing came, or the answer came in one piece |
//! | `time_to_first_answer` | first output that is no reasoning − sent | as `ttft`, or only reasoning came |
//! | `time_to_headers` | head of the response − sent | there was no response |
//! | `e2e_latency` | last output − sent | nothing came |
//! | `output_latency` | last output − first output | as `ttft` |
//! | `tpot` | `output_latency` / (output tokens − 1) | fewer than 2 tokens, or output in less than 1 ms |
//! | `output_inference_speed`, `output_throughput` | 1 / `tpot` | as `tpot` |
//! | `input_throughput` | input tokens / `ttft`, for embeddings and ranked documents / `e2e_latency` | as these |
//! | `audio_throughput` | bytes of sound / `output_latency` | there is no sound, or all came at once |
//! | `num_items`, `num_audio_bytes` | embeddings, ranked documents or pictures; bytes of sound | there are none |
//! | `send_lag` | sent − due | never |
//!
//! Of a run (see [`RunMetrics`]): the distribution of each of these over its answered requests; tokens and
//! answers per second, counted by when they arrived, over the [`Window`] in which the load was steady; gaps
//! between arrivals ([`Gaps`]); failures; connections; and a [`Verdict`] on whether to believe all that.

mod bundling;
mod catalog;
mod compact;
mod distribution;
mod evidence;
mod facts;
mod gap_log;
mod gaps;
mod rates;
mod request;
mod run;
mod tally;
mod timeline;
mod tokens;
mod turns;
mod unfinished;
mod verdict;
mod window;

pub use bundling::Bundling;
pub use catalog::{Metric, Unit};
pub use distribution::Distribution;
pub use facts::{ClientHealth, RunEnding, RunFacts};
pub use gaps::{AnswerGaps, GapStats, Gaps};
pub use request::RequestMetrics;
pub use run::{Connections, RunMetrics};
pub use tally::Tally;
pub use tokens::{TokenCounts, TokenSource};
pub use turns::TurnStats;
pub use unfinished::UnfinishedOutput;
pub use verdict::{Check, Verdict, VerdictLevel};
pub use window::{Window, WindowBasis};
