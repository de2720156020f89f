//! AWS Bedrock: conversations through its Converse API, one body and one stream for the models of all makers, and
//! embeddings and reranking through `InvokeModel`.
//!
//! Sources: the `bedrock-runtime` service model of botocore 1.44.5, and what boto3 sends and reads.

mod answer;
mod backend;
mod base;
#[cfg(feature = "conformance")]
mod cassettes;
mod content;
mod converse;
mod credentials;
mod embeddings;
mod entry;
mod error;
mod event;
mod extras;
mod options;
mod profile;
mod rerank;
mod stream;
mod usage;

pub use crate::wire::address::InvalidBaseUrl;
pub use backend::Bedrock;
pub use base::{BaseUrl, InvalidRegion};
pub use entry::ENTRY;
pub use extras::{Extras, InvalidExtra};
