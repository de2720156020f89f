//! `OpenAI`'s APIs, and every server that speaks them: chat completions, completions, responses, embeddings,
//! images and speech, and the reranking that servers of open models have added.
//!
//! Sources: the provider's API reference and its Python SDK 3.54, vLLM 0.33 and `SGLang` 0.5.23 server code.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod chat;
mod chunk;
mod decode;
mod dialect;
mod embeddings;
mod encode;
mod endpoint;
mod entry;
mod error;
mod images;
mod rerank;
mod responses;
mod sampling;
mod speech;
mod stream;
mod usage;

use crate::wire::{address, body, content, text, vector, whole};

pub use address::InvalidBaseUrl;
pub use backend::OpenAi;
#[cfg(feature = "conformance")]
pub(crate) use cassettes::subjects;
pub use dialect::{ChatApi, Dialect, ExactLength, LengthField, PictureEmbeddings};
pub use endpoint::BaseUrl;
pub use entry::ENTRY;
#[cfg(any(feature = "sglang", feature = "simulator", feature = "vllm"))]
pub(crate) use entry::build;
