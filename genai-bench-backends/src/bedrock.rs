//! AWS Bedrock: conversations through its Converse API, one body and one stream for the models of all makers, through
//! `InvokeModel` with the models' own bodies, or through `OpenAI`'s API; and embeddings, reranking and pictures through
//! `InvokeModel`.
//!
//! Sources: the `bedrock-runtime` service model of botocore 1.44.5, and what boto3 sends and reads.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod content;
mod credentials;
mod embeddings;
mod endpoint;
mod entry;
mod error;
mod event;
mod extra_params;
mod family;
mod finish_reason;
mod images;
mod invoke;
mod openai;
mod options;
mod request;
mod rerank;
mod response;
mod usage;

pub use crate::wire::base_url::InvalidBaseUrl;
pub use backend::Bedrock;
pub use endpoint::{BaseUrl, InvalidRegion};
pub use entry::ENTRY;
pub use extra_params::{ExtraParams, InvalidExtraParam};
pub use family::{Family, UnknownFamily};
