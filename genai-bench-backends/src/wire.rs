//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#[cfg(feature = "openai")]
pub mod address;
#[cfg(feature = "openai")]
pub(crate) mod body;
#[cfg(feature = "openai")]
pub(crate) mod content;
#[cfg(feature = "openai")]
mod skim;
pub mod sse;
#[cfg(feature = "openai")]
pub(crate) mod stream;
#[cfg(feature = "openai")]
pub(crate) mod text;
#[cfg(feature = "openai")]
pub(crate) mod vector;
#[cfg(feature = "openai")]
pub(crate) mod whole;
