//! The Messages API: conversations with Anthropic's models, and with every server that speaks as they do.
//!
//! Sources: the provider's API reference and its Python SDK 2.12.
//!
//! Other clouds serve the same models with the same messages, events and errors behind addresses, headers and
//! framings of their own. What they share is here and knows nothing of those: [`request`] writes what is asked, without
//! the model, the version and whether to stream, which go into the URL, the body or a header; [`EventReader`] reads
//! one event by its data alone; [`response`] reads an answer in one piece, and [`error`] what went wrong.

mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod entry;
pub(crate) mod error;
mod event;
mod finish_reason;
mod request;
mod response;
mod usage;

#[cfg(feature = "vertex")]
pub(crate) use backend::decoder;
pub(crate) use entry::ENTRY;
pub(crate) use event::EventReader;
#[cfg(any(feature = "bedrock", feature = "vertex"))]
pub(crate) use request::write_request;
#[cfg(feature = "bedrock")]
pub(crate) use response::read;

#[cfg(test)]
mod tests;
