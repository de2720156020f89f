//! `OpenAI`'s chat completions and completions, and every server that speaks them.
//!
//! Sources: the provider's API reference and its Python SDK 3.54, vLLM 0.33 and `SGLang` 0.5.23 server code.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod chunk;
mod dialect;
mod encode;
mod endpoint;
mod entry;
mod error;
mod stream;
mod text;
mod usage;
mod whole;

pub use backend::OpenAi;
#[cfg(feature = "conformance")]
pub(crate) use cassettes::subject;
pub use dialect::{Dialect, ExactLength, LengthField};
pub use endpoint::{BaseUrl, InvalidBaseUrl};
pub use entry::ENTRY;
pub(crate) use entry::build;
