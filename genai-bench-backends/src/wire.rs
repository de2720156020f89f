//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#[cfg(any(feature = "openai", feature = "vertex"))]
pub mod address;
#[cfg(any(feature = "openai", feature = "vertex"))]
#[cfg_attr(
    all(feature = "vertex", not(feature = "openai")),
    expect(dead_code, reason = "for APIs that ask in several ways")
)]
pub(crate) mod body;
#[cfg(any(feature = "openai", feature = "vertex"))]
pub(crate) mod content;
#[cfg(any(feature = "openai", feature = "vertex"))]
mod skim;
pub mod sse;
#[cfg(any(feature = "openai", feature = "vertex"))]
pub(crate) mod stream;
#[cfg(any(feature = "openai", feature = "vertex"))]
pub(crate) mod text;
#[cfg(any(feature = "openai", feature = "vertex"))]
pub(crate) mod vector;
#[cfg(any(feature = "openai", feature = "vertex"))]
pub(crate) mod whole;
