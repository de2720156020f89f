//! The contract between the harness and a provider's wire format.

use std::fmt;

use bytes::Bytes;

use crate::failure::{DecodeError, Failure};
use crate::request::Request;

mod events;

pub use events::Events;

/// Translates requests into one provider's wire format, and its answers back.
///
/// A backend is a pure codec. It does no I/O, never awaits and has no clock, so nothing it does can move a
/// measurement, and it can be tested by recorded bytes alone.
///
/// ```
/// use bytes::Bytes;
/// use genai_bench_core::backend::{Backend, Decoder, Unsupported};
/// use genai_bench_core::backend::Events;
/// use genai_bench_core::record::FinishReason;
/// use genai_bench_core::failure::{DecodeError, Failure};
/// use genai_bench_core::request::{Input, Request};
///
/// /// Sends the prompt as it is, and takes every byte that comes for text.
/// #[derive(Debug)]
/// struct Echo;
///
/// impl Backend for Echo {
///     fn name(&self) -> &str {
///         "echo"
///     }
///     fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
///         let Input::Completion { prompt, .. } = &request.input else {
///             return Err(Unsupported::new("echo", "anything but completions"));
///         };
///         let body = Bytes::copy_from_slice(prompt.as_bytes());
///         http::Request::post("http://127.0.0.1:7/").body(body).map_err(|_| Unsupported::new("echo", "this"))
///     }
///     fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
///         Box::new(Plain)
///     }
///     fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
///         Failure::refused(head, String::from_utf8_lossy(body))
///     }
/// }
///
/// struct Plain;
///
/// impl Decoder for Plain {
///     fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
///         events.text(&String::from_utf8_lossy(chunk));
///         Ok(())
///     }
///     fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
///         events.finished(FinishReason::Stop);
///         Ok(())
///     }
/// }
/// ```
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// The name under which results are reported.
    fn name(&self) -> &str;

    /// Builds the HTTP request for `request`, without credentials.
    ///
    /// # Errors
    ///
    /// When this provider cannot express the request.
    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported>;

    /// Returns whether requests may define tools, and messages call them and hold their results. Such requests are
    /// encoded only where this is `true`.
    fn sends_tools(&self) -> bool {
        false
    }

    /// A fresh decoder for the body of one successful response to `request`.
    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder>;

    /// Reads an unsuccessful response: its status, and what the provider says about it in `body`.
    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure;
}

/// Turns the bytes of one response into events.
pub trait Decoder: Send {
    /// Decodes one chunk exactly as it arrived.
    ///
    /// Chunk boundaries carry no meaning: they may split a line, a JSON value or a UTF-8 sequence.
    ///
    /// # Errors
    ///
    /// When the bytes are not this provider's format.
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError>;

    /// Returns whether the provider has declared the answer complete: no output follows, and the end of the body need
    /// not be waited for. Always `false` in a format without an end mark of its own.
    ///
    /// The body is read on for a moment all the same, and what comes is decoded: some servers count tokens behind
    /// their end mark.
    fn is_complete(&self) -> bool {
        false
    }

    /// Returns the number of bytes that the decoder keeps until more of the body completes them: they count towards the
    /// memory that the answers of a run may hold.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// Closes the body.
    ///
    /// # Errors
    ///
    /// When the body ended before the provider had said that it was done.
    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError>;
}

/// A request that a provider cannot express.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{backend} cannot express {what}")]
pub struct Unsupported {
    backend: String,
    what: String,
}

impl Unsupported {
    /// `backend` cannot express `what`.
    pub fn new(backend: impl Into<String>, what: impl Into<String>) -> Self {
        Self { backend: backend.into(), what: what.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_an_object_that_can_be_shared() {
        fn shared<T: Send + Sync + ?Sized>() {}
        fn moved<T: Send + ?Sized>() {}
        shared::<dyn Backend>();
        moved::<Box<dyn Decoder>>();
    }
}
