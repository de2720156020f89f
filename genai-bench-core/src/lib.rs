//! Benchmarks for LLM serving systems: load, stream timing, token accounting and metrics, without any provider.
//!
//! # Terms
//!
//! A [`Scenario`] gives the lengths of requests and their answers; a [`Sampler`] turns such a [`Shape`] into a [`Session`]
//! of one or more [`Request`]s. A [`Plan`] is scenarios times levels of load, each pair a run. A [`Target`] is a server: the
//! [`Backend`] encodes and decodes its wire format, the [`AuthProvider`] adds credentials, the [`Transport`] moves bytes. An
//! [`exchange`](exchange::exchange) sends one request and stamps the bytes that arrive; the result is a [`RequestRecord`].
//! [`metrics`] are computed from records, and an [experiment folder](experiment) keeps both. The [`Runner`] runs a plan and
//! returns an [`Experiment`].
//!
//! # What a stamp means
//!
//! *The arrival of the chunk that held the event's last byte, as seen by the reader of the body.* It is taken before the
//! bytes are decoded, in one place for all backends. Several tokens in one chunk share a stamp; the metrics of gaps between
//! tokens report how often.
//!
//! # A benchmark in ten lines
//!
//! Here against a transport that plays a script on a virtual clock, so that the numbers are exact:
//!
//! ```
//! use std::sync::Arc;
//! # use std::time::Duration;
//! use genai_bench_core::{Metric, Plan, Runner, Target, TextSampler, Words};
//! # use genai_bench_core::conformance::ScriptedTransport;
//! # use genai_bench_core::{Backend, Bytes, DecodeError, Decoder, Events, Failure, FinishReason, Request, Unsupported, http};
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
//! let target = Target::new(MyBackend, my_transport);
//! let sampler = TextSampler::new("my-model", Arc::new(Words))?;
//! let plan = Plan::builder().scenario("D(100,3)").concurrency([8]).requests(64).build()?;
//! let experiment = Runner::new(target, sampler).with_tokenizer(Words).run(&plan).await?;
//! let metrics = &experiment.runs[0].metrics;
//! assert_eq!(metrics.completed, 64);
//! assert_eq!(metrics.ttft().map(|ttft| ttft.p50), Some(0.020));
//! assert_eq!(metrics.percentile(Metric::Tpot, 0.999), Some(0.020));
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

mod arc_impls;
pub mod auth;
pub mod backend;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "datasets")]
pub mod dataset;
mod engine;
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

pub use crate::auth::{Anonymous, AuthError, AuthProvider};
pub use crate::backend::{Backend, Decoder, Events, Unsupported};
pub use crate::error::Error;
pub use crate::experiment::{Folder, Metadata};
pub use crate::failure::{DecodeError, Failure, FailureKind};
pub use crate::metrics::{Distribution, Metric, RequestMetrics, RunMetrics, Verdict, VerdictLevel};
pub use crate::observe::{Observer, Progress};
pub use crate::plan::{ExperimentSpec, Plan, PlanBuilder, PlanError};
pub use crate::prompt::PromptBuilder;
pub use crate::record::{FinishReason, RequestRecord, Usage};
pub use crate::report::{Experiment, RunReport, StopReason};
pub use crate::request::{Input, Request, Session, SessionSpec, Turn};
pub use crate::runner::{Runner, Running};
pub use crate::sampler::{SampleError, Sampler, TextSampler};
pub use crate::scenario::{Scenario, Shape};
pub use crate::storage::{Storage, StorageError};
pub use crate::target::Target;
pub use crate::task::Task;
pub use crate::tokenizer::{Tokenizer, Words};
pub use crate::transport::{Answer, Chunk, Transport, TransportError};
pub use crate::units::{Offset, Rate, Tokens};
pub use large_stack::{LargeStackError, with_large_stack};
// The foreign types of this crate's signatures.
pub use async_trait::async_trait;
pub use bytes::Bytes;
pub use http;
pub use sanitize::{is_secret_name, printable, redact_urls};
