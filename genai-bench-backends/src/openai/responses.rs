//! Responses: the provider's newer API for conversations.
//!
//! Sources: its Python SDK 3.54, and the server code of vLLM 0.33, which implements it too.

mod event;
mod request;
mod response;

pub(super) use event::stream;
pub(super) use request::write_request;
pub(super) use response::read;
