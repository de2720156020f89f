//! An OpenAI-compatible server on loopback, with known latencies, that tells the truth.
//!
//! It generates text of the length that was asked for, at a pace that was set, breaks on purpose if told to,
//! and keeps the true times of every request: what a client measured can be held against them.
//!
//! | route | |
//! | --- | --- |
//! | `POST /v1/chat/completions`, `POST /v1/completions` | streaming and not |
//! | `GET /v1/models`, `GET /health` | |
//! | `GET /truth` | every request that has ended, in that order: an array of [`Truth`] |
//! | `DELETE /truth` | forgets them |
//!
//! - **A token is a word**: whitespace-separated, in the request and in the answer.
//! - **Latency** of a request on its own: the first output comes after a draw of [`Settings::ttft`] plus
//!   [`Settings::prefill`] per 1,000 input tokens, each further one after a draw of [`Settings::itl`]. How
//!   requests slow each other down is [`Slowdown`].
//! - **Headers and the role** of a streamed chat go out before prefill: a client that takes them for the first
//!   token is caught. Each chunk is written to the socket by itself. An answer that is not streamed takes as
//!   long as its stream would, and comes whole.
//! - **Chance** follows from [`Settings::seed`] and the number of the request alone.
//! - **Waiting** ends up to a millisecond late, which is what timers give; [`Truth`] holds what was done, not
//!   what was planned.
//!
//! ```
//! use genai_bench_backends::simulator::{Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::default(), ([127, 0, 0, 1], 0).into())?;
//! println!("point a client at {}/v1", simulator.url());
//! assert!(simulator.truth().is_empty()); // nobody has asked anything yet
//! # Ok::<(), genai_bench_backends::simulator::SimulatorError>(())
//! ```

mod answer;
mod ask;
mod chat;
mod completions;
mod draw;
mod duration;
mod embedded;
mod faults;
mod flush;
mod generate;
mod latency;
mod load;
mod models;
mod pace;
mod refusal;
mod routes;
mod script;
mod server;
mod settings;
mod shape;
mod stream;
mod truth;
mod words;

#[cfg(test)]
mod tests;

pub use embedded::Simulator;
pub use faults::{Fault, Faults};
pub use latency::{Latency, ParseLatencyError};
pub use load::Slowdown;
pub use server::{SimulatorError, serve};
pub use settings::{ReasoningField, Settings, SettingsError, UsageMode};
pub use truth::Truth;
