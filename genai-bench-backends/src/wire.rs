//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#[cfg(any(feature = "bedrock", feature = "openai"))]
pub mod address;
#[cfg(any(feature = "bedrock", feature = "openai"))]
#[cfg_attr(
    all(feature = "bedrock", not(any(feature = "openai", test))),
    expect(dead_code, reason = "for APIs that ask in several ways")
)]
pub(crate) mod body;
#[cfg(feature = "openai")]
pub(crate) mod content;
#[cfg(feature = "bedrock")]
pub mod eventstream;
#[cfg(any(feature = "bedrock", feature = "openai"))]
mod skim;
pub mod sse;
#[cfg(any(feature = "bedrock", feature = "openai"))]
#[cfg_attr(
    all(feature = "bedrock", not(feature = "openai")),
    expect(dead_code, reason = "for answers that come as server-sent events")
)]
pub(crate) mod stream;
#[cfg(any(feature = "bedrock", feature = "openai"))]
pub(crate) mod text;
#[cfg(any(feature = "bedrock", feature = "openai"))]
pub(crate) mod vector;
#[cfg(any(feature = "bedrock", feature = "openai"))]
pub(crate) mod whole;
