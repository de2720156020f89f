//! An OpenAI-compatible server on loopback with known latencies and a true record of every request.
//!
//! It generates text of the requested length at a configured rate, injects faults on request, and records the
//! true times of every request, with which the measurements of a client can be compared.
//!
//! | route | |
//! | --- | --- |
//! | `POST /v1/chat/completions`, `POST /v1/completions`, `POST /v1/responses` | streaming and not |
//! | `POST /v1/embeddings` | of texts, token ids and images, in the shapes of OpenAI, vLLM and SGLang |
//! | `POST /v1/rerank`, `POST /v2/rerank`, `POST /rerank` | in the shape of vLLM or of SGLang |
//! | `POST /v1/images/generations` | images of one pixel |
//! | `POST /v1/audio/speech` | streamed silence, as raw bytes or in events |
//! | `POST /reset_prefix_cache`, `POST /flush_cache` | empties the prefix cache |
//! | `GET /v1/models`, `GET /health` | |
//! | `GET /truth` | every request that has ended, in that order: an array of [`Truth`] |
//! | `DELETE /truth` | clears them |
//!
//! - **A token is a word**: whitespace-separated, in the request and in the answer. The settings
//!   define the number of tokens of an image, a video, a recording and the chat template. A rerank query is
//!   read once with each of the documents, and counts as often. Four characters of the input of speech are a
//!   token; in the audio, a chunk is.
//! - **Latency** of a request on its own: the first output comes after a draw of [`Settings::ttft`] plus
//!   [`Settings::prefill`] per 1,000 input tokens, each further one after a draw of [`Settings::itl`].
//!   Embeddings and a ranking are complete with the first output. Images are generated one after the other,
//!   each in a draw of [`Settings::image`]. [`Slowdown`] defines how requests slow each other down.
//! - **The prefix cache** works for generated text, if [`Settings::prefix_cache_tokens`] is not 0. A
//!   prompt is looked up when its prefill begins, and is inserted when its prefill ends: with its first
//!   output. The answer is inserted when it is complete. The least recently used blocks are evicted first.
//! - **Headers and the role** of a streamed chat are sent before prefill, and so are the opening events of a
//!   response: a client that counts them as the first token measures a wrong TTFT. Each chunk is written to
//!   the socket by itself. A response that is not streamed takes as long as its stream would, and is sent in
//!   one piece.
//! - **Randomness** follows from [`Settings::seed`] and the number of the request alone.
//! - **A key**, if [`Settings::api_key`] is set, is required by every path but `/health`. On loopback only
//!   requests to `localhost`, to a loopback address or to one of [`Settings::allowed_hosts`] are served: a page
//!   in a browser that reaches this machine by another name is refused with status 403.
//! - **Limits**: the head of a request has 32 KiB and 30 seconds, its body 64 MiB and 60 seconds. Beyond
//!   [`Settings::max_connections`] a connection waits to be accepted.
//! - **Timers** fire up to a millisecond late; [`Truth`] holds the actual times, not the planned ones.
//!
//! ```
//! use genai_bench_backends::simulator::{Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::default(), ([127, 0, 0, 1], 0).into())?;
//! println!("point a client at {}/v1", simulator.url());
//! assert!(simulator.truth().is_empty()); // no request has ended yet
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
