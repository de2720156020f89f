//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#[cfg(any(feature = "cohere", feature = "openai"))]
pub mod address;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod body;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod content;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod error;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod message;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod post;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod ranking;
#[cfg(any(feature = "cohere", feature = "openai"))]
mod skim;
pub mod sse;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod stream;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod text;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod vector;
#[cfg(any(feature = "cohere", feature = "openai"))]
pub(crate) mod whole;
