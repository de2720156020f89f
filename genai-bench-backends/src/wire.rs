//! Framings that backends share: push parsers over byte slices.

pub mod ndjson;
pub mod sse;
