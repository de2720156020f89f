//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#[cfg(any(feature = "anthropic", feature = "openai"))]
pub mod address;
#[cfg(any(feature = "anthropic", feature = "openai"))]
#[cfg_attr(
    all(feature = "anthropic", not(feature = "openai")),
    expect(dead_code, reason = "for APIs that ask in several ways")
)]
pub(crate) mod body;
#[cfg(any(feature = "anthropic", feature = "openai"))]
pub(crate) mod content;
#[cfg(any(feature = "anthropic", feature = "openai"))]
mod skim;
pub mod sse;
#[cfg(any(feature = "anthropic", feature = "openai"))]
#[cfg_attr(
    all(feature = "anthropic", not(feature = "openai")),
    expect(dead_code, reason = "for streams without an end mark")
)]
pub(crate) mod stream;
#[cfg(any(feature = "anthropic", feature = "openai"))]
pub(crate) mod text;
#[cfg(any(feature = "anthropic", feature = "openai"))]
#[cfg_attr(
    all(feature = "anthropic", not(feature = "openai")),
    expect(dead_code, reason = "for answers that have items")
)]
pub(crate) mod whole;
