//! Benchmarks for LLM serving systems.

pub mod clock;
pub mod rng;
pub mod units;
