//! What backends share: push parsers over byte slices, and the parts that requests and answers in JSON have.

#![cfg_attr(not(feature = "full"), allow(dead_code, reason = "one backend takes a part of it"))]

pub mod address;
pub(crate) mod bare_error;
pub(crate) mod body;
pub(crate) mod called_names;
pub(crate) mod content;
pub(crate) mod error;
#[cfg(feature = "eventstream")]
pub mod eventstream;
pub(crate) mod json;
pub(crate) mod lenient;
pub(crate) mod marks;
pub(crate) mod message;
pub mod ndjson;
pub(crate) mod parts;
pub(crate) mod post;
pub(crate) mod ranking;
pub(crate) mod reason;
pub(crate) mod reasoning;
mod skim;
pub(crate) mod sniff;
pub mod sse;
pub(crate) mod stream;
pub(crate) mod text;
pub(crate) mod vector;
pub(crate) mod whole;
