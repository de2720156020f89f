//! OCI Generative AI: chat in the service's three formats, embeddings and reranking, and its API that is compatible
//! with that of `OpenAI`.
//!
//! Sources: the models of `generative_ai_inference` in the OCI Python SDK 2.189.0, what that SDK sends and reads, and,
//! of streams, the clients of LangChain and Cohere for this service.

pub mod auth;
mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod embeddings;
mod endpoint;
mod entry;
mod error;
mod event;
mod extra_params;
mod finish_reason;
mod format;
mod openai;
mod options;
mod request;
mod rerank;
mod response;
mod serving;
mod usage;

pub(crate) use entry::{COHERE, COHERE_V2, GENAI};
pub(crate) use openai::OPENAI;

#[cfg(test)]
mod tests;
