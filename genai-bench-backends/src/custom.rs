//! The backend of a server that has none of its own.
//!
#![doc = include_str!("custom/guide.md")]

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod description;
mod endpoint;
mod entry;
mod response;
mod template;

pub(crate) use entry::ENTRY;

/// The name of this backend.
pub const NAME: &str = "custom";

/// What a description may say, for people: Markdown.
pub const GUIDE: &str = include_str!("custom/guide.md");
