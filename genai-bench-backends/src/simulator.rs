//! An OpenAI-compatible server on loopback, with known latencies, that tells the truth.
//!
//! It generates text of the length that was asked for, at a pace that was set, breaks on purpose if told to,
//! and keeps the true times of every request: what a client measured can be held against them.
//!
//! | route | |
//! | --- | --- |
//! | `POST /v1/chat/completions`, `POST /v1/completions`, `POST /v1/responses` | streaming and not |
//! | `POST /v1/embeddings` | of texts, token ids and pictures, in the shapes of OpenAI, vLLM and SGLang |
//! | `POST /v1/rerank`, `POST /v2/rerank`, `POST /rerank` | in the shape of vLLM or of SGLang |
//! | `POST /v1/images/generations` | pictures of one pixel |
//! | `POST /v1/audio/speech` | streamed silence, as it is or in events |
//! | `POST /reset_prefix_cache`, `POST /flush_cache` | empties the prefix cache |
//! | `GET /v1/models`, `GET /health` | |
//! | `GET /truth` | every request that has ended, in that order: an array of [`Truth`] |
//! | `DELETE /truth` | forgets them |
//!
//! - **A token is a word**: whitespace-separated, in the request and in the answer. A picture, a video, a
//!   recording and the chat template are as many tokens as their settings say. A query to rerank by is read
//!   with each of the documents, and counts so often. In a text to speak, four characters are a token; in
//!   speech, a chunk is.
//! - **Latency** of a request on its own: the first output comes after a draw of [`Settings::ttft`] plus
//!   [`Settings::prefill`] per 1,000 input tokens, each further one after a draw of [`Settings::itl`].
//!   Embeddings and a ranking are whole with the first output. Pictures are made one after the other, each in
//!   a draw of [`Settings::image`]. How requests slow each other down is [`Slowdown`].
//! - **The prefix cache** works for generated text, if [`Settings::prefix_cache_tokens`] asks for it. A prompt
//!   is looked up when it begins to be read, and is remembered when it has been: with its first output. The
//!   answer is remembered after it when it is complete. What was not used for longest is forgotten first.
//! - **Headers and the role** of a streamed chat go out before prefill, and so do the opening events of a
//!   response: a client that takes them for the first token is caught. Each chunk is written to the socket by itself. An answer that is not streamed takes as
//!   long as its stream would, and comes whole.
//! - **Chance** follows from [`Settings::seed`] and the number of the request alone.
//! - **A key**, where [`Settings::api_key`] asks for one, opens everything but `/health`. On loopback only requests to
//!   `localhost`, to an address of loopback or to one of [`Settings::allowed_hosts`] are answered: a page in a browser that
//!   gives another name to this machine is refused with status 403.
//! - **Limits**: the head of a request has 32 KiB and 30 seconds, its body 64 MiB and 60 seconds. Beyond
//!   [`Settings::max_connections`] a connection waits to be accepted.
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

mod allowed_hosts;
mod answer_body;
mod api;
mod error_response;
mod flush;
mod generate;
mod in_process;
mod pieces;
mod planned_response;
mod prompt;
mod random;
mod request_body;
mod request_timing;
mod routes;
mod running_requests;
mod server;
mod settings;
mod state;
mod tokens;
mod truth;

#[cfg(test)]
mod tests;

pub use in_process::Simulator;
pub use prompt::MediaCount;
pub use server::serve;
pub use settings::{
    Fault, Faults, Latency, ParseLatencyError, ReasoningField, RerankShape, Settings, SettingsError,
    Slowdown, UsageMode,
};
pub use state::SimulatorError;
pub use truth::Truth;
