//! Benchmarks for LLM serving systems: load, stream timing, token accounting and metrics, without any provider.
//!
//! # The words
//!
//! A [`Scenario`](scenario::Scenario) says how long requests and their answers are; a
//! [`Sampler`](sampler::Sampler) turns such a shape into a [`Request`](request::Request). A
//! [`Plan`](plan::Plan) is scenarios times levels of load, each pair a run. A [`Target`](target::Target) is a
//! server: the [`Backend`](backend::Backend) that knows its wire format, the
//! [`AuthProvider`](auth::AuthProvider) that knows who we are, the [`Transport`](transport::Transport) that
//! moves bytes. An [`exchange`](exchange::exchange) sends one request and stamps what comes back; what it saw
//! is a [`RequestRecord`](trace::RequestRecord). [`metrics`] are computed from records, and an
//! [experiment folder](experiment) keeps both. The [`Runner`](runner::Runner) does all of it.
//!
//! # What a stamp means
//!
//! *The arrival of the chunk that held the event's last byte, as seen by the reader of the body.* It is taken
//! before anyone looks at the bytes, in one place for all backends. Several tokens in one chunk share a stamp,
//! and figures between tokens say so.
//!
//! # A benchmark in ten lines
//!
//! Here against a transport that plays a script on a virtual clock, so that the numbers are exact:
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use genai_bench_core::{metrics::Metric, plan::Plan, runner::Runner, sampler::TextSampler};
//! use genai_bench_core::{target::Target, tokenizer::Words};
//! # use bytes::Bytes;
//! # use genai_bench_core::backend::{Backend, Decoder, Unsupported};
//! # use genai_bench_core::conformance::ScriptedTransport;
//! # use genai_bench_core::backend::Events;
//! # use genai_bench_core::record::FinishReason;
//! # use genai_bench_core::failure::{DecodeError, Failure};
//! # use genai_bench_core::request::Request;
//! # #[derive(Debug)]
//! # struct MyBackend;
//! # impl Backend for MyBackend {
//! #     fn name(&self) -> &str { "mine" }
//! #     fn encode(&self, _: &Request) -> Result<http::Request<Bytes>, Unsupported> {
//! #         Ok(http::Request::new(Bytes::new()))
//! #     }
//! #     fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> { Box::new(Plain) }
//! #     fn failure(&self, head: &http::response::Parts, _: &[u8]) -> Failure { Failure::refused(head, "no") }
//! # }
//! # struct Plain;
//! # impl Decoder for Plain {
//! #     fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
//! #         events.text(&String::from_utf8_lossy(chunk));
//! #         Ok(())
//! #     }
//! #     fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
//! #         events.finished(FinishReason::Stop);
//! #         Ok(())
//! #     }
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! # let my_transport = ScriptedTransport::paced(["one ", "two ", "three"].map(Bytes::from), Duration::from_millis(20));
//!
//! let tokenizer = Arc::new(Words);
//! let target = Target::new(Arc::new(MyBackend), Arc::new(my_transport));
//! let sampler = Arc::new(TextSampler::new("my-model", tokenizer.clone())?);
//! let plan = Plan::builder().scenario("D(100,3)").concurrency([8]).requests(64).build()?;
//! let experiment = Runner::new(target, sampler).counting_with(tokenizer).run(&plan).await?;
//! let metrics = &experiment.runs[0].metrics;
//! assert_eq!(metrics.completed, 64);
//! assert_eq!(metrics.distribution(Metric::Ttft).map(|it| it.p50), Some(0.020));
//! assert_eq!(metrics.distribution(Metric::Tpot).map(|it| it.p99), Some(0.020));
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `tokenizers`, `kitoken` | readers of Hugging Face `tokenizer.json` files, the second one faster |
//! | `tiktoken` | the vocabularies `o200k_base` and `cl100k_base`, built in |
//! | `chat-template` | the chat templates that come with tokenizers |
//! | `datasets`, `parquet` | prompts and pictures from files, and recorded traffic |
//! | `images` | generated pictures and videos |
//! | `full` | all of these |
//! | `conformance` | the laws that backends must obey, and the scripted transport |
//!
//! Without them the crate is light: it pulls in no tokenizer, and it never pulls in an HTTP client.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod auth;
pub mod backend;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "datasets")]
pub mod dataset;
pub mod engine;
pub mod error;
pub mod exchange;
pub mod experiment;
pub mod failure;
mod files;
mod large_stack;
#[cfg(feature = "images")]
pub mod media;
pub mod metrics;
pub mod observe;
pub mod plan;
pub mod prompt;
pub mod record;
mod recorder;
#[cfg(feature = "datasets")]
pub mod replay;
pub mod report;
pub mod request;
pub mod rng;
pub mod runner;
pub mod sampler;
mod sanitize;
pub mod scenario;
pub mod storage;
pub mod target;
pub mod task;
pub mod tokenizer;
pub mod transport;
pub mod units;
pub mod workload;

pub use large_stack::{LargeStackError, with_large_stack};
pub use sanitize::{is_secret_name, printable, redact_urls};
