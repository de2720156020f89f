//! Wire formats that backends share: push parsers over byte slices, and the common parts of JSON requests and answers.

#![cfg_attr(not(feature = "full"), allow(dead_code, reason = "one backend takes a part of it"))]

pub mod base_url;
pub(crate) mod content_parts;
pub(crate) mod error;
#[cfg(feature = "eventstream")]
pub mod eventstream;
pub(crate) mod fields;
pub(crate) mod finish_reason;
pub(crate) mod framing;
pub(crate) mod items;
pub(crate) mod json;
mod long_values;
pub(crate) mod message;
pub mod ndjson;
pub(crate) mod request;
pub mod sse;
pub(crate) mod stream;
pub(crate) mod text;
pub(crate) mod tool_names;
pub(crate) mod top_level_error;
pub(crate) mod unstreamed;
pub(crate) mod usage;
pub(crate) mod vector;
