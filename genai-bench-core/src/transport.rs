//! The contract between the harness and the network.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::units::{nanos, optional_nanos};

/// A client that sends requests and streams responses as bytes, without interpreting them.
///
/// An implementation yields every chunk as soon as it holds it. It merges, splits, retries and redirects
/// nothing: each of these would hide or distort what the harness measures.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use futures_util::stream;
/// use genai_bench_core::transport::{Answer, Chunk, Connection, Transport, TransportError};
///
/// /// A transport that answers every request with the same body, in one chunk.
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
    /// Sends `request` and returns the response as soon as its head has arrived.
    ///
    /// # Errors
    ///
    /// When there is no response: the connection could not be made, broke, or took too long.
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError>;
}

/// A stream of the chunks of a response body, as they arrive.
pub type ChunkStream = Pin<Box<dyn Stream<Item = Result<Chunk, TransportError>> + Send>>;

/// A response whose body is still arriving.
#[non_exhaustive]
pub struct Answer {
    /// Status and headers.
    pub head: http::response::Parts,
    /// The body.
    pub body: ChunkStream,
    /// The connection that carried the request.
    pub connection: Connection,
    /// The time at which the last byte of the request was written, from a transport that reports it: latency then
    /// counts from here.
    pub written: Option<Instant>,
}

impl Answer {
    /// Creates an answer from a transport that does not report when the last byte of the request was written.
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
    /// The arrival time, from a transport that measures it more precisely than the reader of the stream.
    pub arrived: Option<Instant>,
}

impl From<Bytes> for Chunk {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, arrived: None }
    }
}

/// The connection that carried a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Connection {
    /// A connection that was already open.
    Reused,
    /// A new connection, which the request waited for.
    New(Handshake),
}

/// The time that it took to open a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Handshake {
    /// The time from the DNS lookup to a connection that can carry a request, TLS included. Nanoseconds in files.
    #[serde(rename = "total_ns", with = "nanos")]
    pub total: Duration,
    /// The time of the DNS lookup, a part of the total. `None` if there was no name to look up or the transport does
    /// not measure it. Nanoseconds in files.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "dns_ns", with = "optional_nanos")]
    pub dns: Option<Duration>,
}

impl Handshake {
    /// Creates a handshake that took `total`.
    #[must_use]
    pub fn new(total: Duration) -> Self {
        Self { total, dns: None }
    }

    /// Sets the time of the DNS lookup.
    #[must_use]
    pub fn with_dns(mut self, dns: Option<Duration>) -> Self {
        self.dns = dns;
        self
    }
}

/// A failure to send a request or to receive its response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made.
    #[error("could not connect: {0}")]
    Connect(String),
    /// The server was reached, but no encrypted connection to it could be made: its certificate is not trusted, or
    /// the port does not serve TLS.
    #[error("could not connect: TLS: {0}")]
    Tls(String),
    /// No connection was made within the connect timeout.
    #[error("no connection in the time allowed")]
    ConnectTimeout,
    /// The connection broke before the response was complete.
    #[error("connection lost: {0}")]
    Lost(String),
    /// The server had closed a connection kept from an earlier request: no byte of the response arrived.
    #[error("a connection kept from an earlier request was closed by the server: {0}")]
    Stale(String),
    /// The request is invalid and cannot be sent over any connection.
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

    #[test]
    fn a_handshake_of_older_files_has_no_dns_time() {
        let old: Handshake = serde_json::from_str(r#"{"total_ns":1500}"#).unwrap();
        assert_eq!(old, Handshake::new(Duration::from_nanos(1_500)));
        let new = old.with_dns(Some(Duration::from_nanos(700)));
        let line = serde_json::to_string(&new).unwrap();
        assert_eq!(line, r#"{"total_ns":1500,"dns_ns":700}"#);
        assert_eq!(serde_json::from_str::<Handshake>(&line).unwrap(), new);
    }
}
