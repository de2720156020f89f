//! Backends for genai-bench: one codec per provider, each behind a feature.

/// An OpenAI-compatible server with known latencies that tells the truth: the default peer of a first run, the
/// peer of tests, the source of calibration.
#[cfg(feature = "simulator")]
pub mod simulator;
