//! AWS Bedrock: conversations through its Converse API, one body and one stream for the models of all makers, through
//! `InvokeModel` with the models' own bodies, or through `OpenAI`'s API; and embeddings, reranking and pictures through
//! `InvokeModel`.
//!
//! Sources: the `bedrock-runtime` service model of botocore 1.44.5, and what boto3 sends and reads.

mod answer;
mod api;
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
mod family;
mod finish;
mod images;
mod invoke;
mod latency;
mod openai;
mod options;
mod profile;
mod rerank;
mod stream;
mod usage;

pub use crate::wire::base_url::InvalidBaseUrl;
pub use backend::Bedrock;
pub use base::{BaseUrl, InvalidRegion};
pub use entry::ENTRY;
pub use extras::{Extras, InvalidExtra};
pub use family::{Family, UnknownFamily};
