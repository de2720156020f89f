//! `Cohere`'s API, version 2: chat, embed and rerank.
//!
//! Sources: the provider's Python SDK 7.3.1 and its API reference.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod embeddings;
mod endpoint;
mod entry;
mod error;
mod event;
mod finish_reason;
mod request;
mod rerank;
mod response;
mod usage;

pub(crate) use entry::ENTRY;

#[cfg(test)]
mod tests;
