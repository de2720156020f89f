//! `OpenAI`'s APIs, and every server that implements them: chat completions, completions, responses, embeddings, images
//! and speech, and the reranking that servers of open models have added.
//!
//! Sources: the provider's API reference and its Python SDK 3.54, vLLM 0.33 and `SGLang` 0.5.23 server code.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod chunk;
mod delta;
mod dialect;
mod embeddings;
mod endpoint;
mod entry;
mod event;
mod images;
mod request;
mod rerank;
mod response;
mod responses;
mod sampling;
mod speech;
mod usage;

pub use crate::wire::base_url::InvalidBaseUrl;
pub use backend::OpenAi;
#[cfg(feature = "conformance")]
pub(crate) use cassettes::subjects;
#[cfg(all(feature = "conformance", feature = "together"))]
pub(crate) use cassettes::unstreamed;
#[cfg(all(feature = "conformance", any(feature = "azure", feature = "together")))]
pub(crate) use cassettes::{stream, usage};
#[cfg(feature = "bedrock")]
pub(crate) use delta::Delta;
pub use dialect::{ChatApi, Dialect, ExactLength, LengthField, PictureEmbeddings, PictureSize};
pub use endpoint::BaseUrl;
pub use entry::ENTRY;
#[cfg(any(feature = "sglang", feature = "simulator", feature = "together", feature = "vllm"))]
pub(crate) use entry::build;
#[cfg(any(feature = "azure", feature = "bedrock", feature = "oci", feature = "vertex"))]
pub(crate) use entry::build_at;
#[cfg(feature = "vertex")]
pub(crate) use speech::decoded_length;
#[cfg(feature = "bedrock")]
pub(crate) use usage::WireUsage;

#[cfg(test)]
mod tests;
