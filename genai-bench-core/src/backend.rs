//! The contract between the harness and a provider's wire format.

use std::fmt;

use bytes::Bytes;

use crate::failure::{DecodeError, Failure};
use crate::request::Request;

mod events;

pub use events::Events;

/// A codec for one provider's wire format: it encodes requests and decodes responses.
///
/// A backend is a pure codec. It does no I/O, never awaits and has no clock, so it cannot distort a measurement, and
/// recorded bytes are enough to test it.
///
/// ```
/// use bytes::Bytes;
/// use genai_bench_core::backend::{Backend, Decoder, Unsupported};
/// use genai_bench_core::backend::Events;
/// use genai_bench_core::record::FinishReason;
/// use genai_bench_core::failure::{DecodeError, Failure};
/// use genai_bench_core::request::{Input, Request};
///
/// /// A backend that sends the prompt unchanged and reads every byte of the response as text.
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
    /// Returns the name of the backend in results.
    fn name(&self) -> &str;

    /// Builds the HTTP request for `request`, without credentials.
    ///
    /// # Errors
    ///
    /// When this provider cannot express the request.
    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported>;

    /// Returns `true` if requests may define tools, and messages may call them and hold their results. Such requests
    /// are encoded only if this is `true`.
    fn sends_tools(&self) -> bool {
        false
    }

    /// Creates a decoder for the body of one successful response to `request`.
    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder>;

    /// Parses an unsuccessful response: its status, and the provider's error message in `body`.
    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure;
}

/// A decoder that turns the bytes of one response into events.
pub trait Decoder: Send {
    /// Decodes one chunk exactly as it arrived.
    ///
    /// Chunk boundaries carry no meaning: they may split a line, a JSON value or a UTF-8 sequence.
    ///
    /// # Errors
    ///
    /// When the bytes are not this provider's format.
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError>;

    /// Returns `true` if the provider has declared the answer complete: no output follows, and there is no need to
    /// wait for the end of the body. Always `false` in a format without an end mark of its own.
    ///
    /// The harness still reads the body for a short time and decodes it: some servers send token counts behind their
    /// end mark.
    fn is_complete(&self) -> bool {
        false
    }

    /// Returns the number of bytes that the decoder buffers until more of the body completes them. They count towards
    /// the memory limit for the answers of a run.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// Finishes decoding at the end of the body.
    ///
    /// # Errors
    ///
    /// When the body ended before the provider had declared the answer complete.
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
    /// Creates an error: `backend` cannot express `what`.
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
