//! Benchmarks for LLM serving systems.
pub mod auth;
pub mod backend;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod error;
pub mod event;
pub mod exchange;
pub mod experiment;
pub mod failure;
pub mod load;
pub mod metrics;
pub mod observe;
pub mod plan;
mod recorder;
pub mod request;
pub mod rng;
pub mod runner;
pub mod sampler;
pub mod scenario;
pub mod storage;
pub mod target;
pub mod task;
pub mod tokenizer;
pub mod trace;
pub mod transport;
pub mod units;
