//! Gemini: conversations and embeddings, on Vertex AI or by the Gemini API. The two differ in their address, in
//! how they want to know who asks, and in how they make vectors.
//!
//! Sources: the providers' API references and the google-genai Python SDK 3.4.0.

mod answer;
mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod credentials;
mod embeddings;
mod entry;
mod error;
mod generate;
mod project;
mod service;
mod stream;
mod usage;
mod wanted;

pub(crate) use entry::ENTRY;
