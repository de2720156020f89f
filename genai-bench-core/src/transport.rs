//! The contract between the harness and the network.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::units::nanos;

/// Moves bytes, and knows nothing of what they mean.
///
/// An implementation yields every chunk as soon as it holds it. It merges, splits, retries and redirects
/// nothing: each of these would hide or move what the harness is there to see.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use futures_util::stream;
/// use genai_bench_core::transport::{Answer, Chunk, Connection, Transport, TransportError};
///
/// /// Answers every request with the same body, in one chunk.
/// #[derive(Debug)]
/// struct Canned(Bytes);
///
/// #[async_trait]
/// impl Transport for Canned {
///     async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
///         let (head, ()) = http::Response::new(()).into_parts();
///         let body = Box::pin(stream::iter([Ok(Chunk::from(self.0.clone()))]));
///         Ok(Answer::new(head, body, Connection::Reused))
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends `request`; resolves when the head of the response has arrived.
    ///
    /// # Errors
    ///
    /// When there is no response: the connection could not be made, broke, or took too long.
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError>;
}

/// A response body, in the chunks in which it arrived.
pub type ChunkStream = Pin<Box<dyn Stream<Item = Result<Chunk, TransportError>> + Send>>;

/// A response whose body is still coming.
#[non_exhaustive]
pub struct Answer {
    /// Status and headers.
    pub head: http::response::Parts,
    /// The body.
    pub body: ChunkStream,
    /// Which connection carried the request.
    pub connection: Connection,
    /// When the request's last byte left, from a transport that knows: then latency counts from here.
    pub written: Option<Instant>,
}

impl Answer {
    /// An answer from a transport that does not know when the request's last byte left.
    #[must_use]
    pub fn new(head: http::response::Parts, body: ChunkStream, connection: Connection) -> Self {
        Self { head, body, connection, written: None }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.head.status).finish_non_exhaustive()
    }
}

/// A piece of a response body.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Chunk {
    /// The bytes.
    pub bytes: Bytes,
    /// When they came, from a transport that knows better than its reader.
    pub arrived: Option<Instant>,
}

impl From<Bytes> for Chunk {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, arrived: None }
    }
}

/// Which connection carried a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Connection {
    /// One that was open already.
    Reused,
    /// A new one: the request waited for it.
    New(Handshake),
}

/// How long it took to open a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Handshake {
    /// From the first look-up to a connection that can carry a request, TLS included. Nanoseconds in files.
    #[serde(rename = "total_ns", with = "nanos")]
    pub total: Duration,
}

impl Handshake {
    /// A handshake that took `total`.
    #[must_use]
    pub fn new(total: Duration) -> Self {
        Self { total }
    }
}

/// Why bytes did not move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made.
    #[error("could not connect: {0}")]
    Connect(String),
    /// The server was reached, but no encrypted connection to it could be made: its certificate is not trusted, or
    /// what answers does not speak TLS.
    #[error("could not connect: TLS: {0}")]
    Tls(String),
    /// No connection was made in the time allowed.
    #[error("no connection in the time allowed")]
    ConnectTimeout,
    /// The connection broke before the response was whole.
    #[error("connection lost: {0}")]
    Lost(String),
    /// The request is none that can be sent, whatever the network does.
    #[error("not a request that can be sent: {0}")]
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_is_an_object_and_its_future_can_move() {
        fn movable<T: Send>(_: T) {}
        fn check(transport: &dyn Transport, request: http::Request<Bytes>) {
            movable(transport.send(request));
        }
        let _ = check;
    }
}
