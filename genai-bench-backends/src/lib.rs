//! Backends for genai-bench: one codec per provider, each behind a feature.

#[cfg(feature = "simulator")]
pub mod simulator;
