//! The transport over reqwest.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use genai_bench_core::clock;
use genai_bench_core::transport::{Answer, Chunk, Connection, Transport, TransportError};

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

use super::closed_connection;
use super::connection::{Timed, TimedResolver, observe};
use super::tls_failure;

/// The options of connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReqwestOptions {
    /// The timeout of opening a connection; 10 seconds by default.
    pub connect_timeout: Option<Duration>,
    /// `true` (the default) if a connection is reused for further requests. Otherwise every request opens
    /// one, and waits for it inside its measured time.
    pub keep_alive: bool,
    /// The time after which an idle connection is closed; 4 seconds by default, never if `None`. Common
    /// servers, such as uvicorn and Node.js, close theirs after 5 seconds, and a request that is just in
    /// flight to one of them is lost.
    pub idle_timeout: Option<Duration>,
}

impl Default for ReqwestOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Some(Duration::from_secs(10)),
            keep_alive: true,
            idle_timeout: Some(Duration::from_secs(4)),
        }
    }
}

/// HTTP/1.1 over reqwest, with pooled connections and without any implicit behaviour.
///
/// It retries nothing, follows no redirect, uses no proxy, and decompresses nothing, since a decoder
/// delays bytes. HTTP/1.1, because with HTTP/2 all streams share one connection and queue inside the
/// client.
///
/// ```no_run
/// use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
///
/// let transport = Reqwest::new(&ReqwestOptions::default())?;
/// # Ok::<(), genai_bench_backends::transport::BuildTransportError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reqwest(reqwest::Client);

impl Reqwest {
    /// Creates a pool of connections.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no certificates to verify servers with.
    pub fn new(options: &ReqwestOptions) -> Result<Self, BuildTransportError> {
        let builder = reqwest::Client::builder()
            .default_headers(default_headers())
            .user_agent(concat!("genai-bench/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .no_proxy()
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_idle_timeout(options.idle_timeout)
            .pool_max_idle_per_host(if options.keep_alive { usize::MAX } else { 0 })
            .dns_resolver(TimedResolver)
            .connector_layer(Timed);
        let builder = match options.connect_timeout {
            Some(timeout) => builder.connect_timeout(timeout),
            None => builder,
        };
        builder.build().map(Self).map_err(|it| BuildTransportError(chain(&it)))
    }
}

#[async_trait]
impl Transport for Reqwest {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        let request =
            reqwest::Request::try_from(request).map_err(|it| TransportError::Refused(chain(&it)))?;
        let called = clock::now();
        let (sent, connection) = observe(self.0.execute(request)).await;
        let mut response = sent.map_err(|error| failure(&error, connection, clock::now().since(called)))?;
        let head = take_head(&mut response);
        // Not `into_body`, which boxes each frame.
        let pieces = response.bytes_stream();
        let chunks = pieces.map(|it| it.map(Chunk::from).map_err(|it| TransportError::Lost(chain(&it))));
        Ok(Answer::new(head, chunks.boxed(), connection))
    }
}

/// Returns the default headers of requests: servers must not compress, because a compressor delays tokens.
fn default_headers() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))])
}

/// Takes status and headers out of a response whose body has not been read.
fn take_head(response: &mut reqwest::Response) -> http::response::Parts {
    let mut head = http::Response::new(()).into_parts().0;
    head.status = response.status();
    head.version = response.version();
    head.headers = std::mem::take(response.headers_mut());
    head
}

/// The time within which a request on a closed connection fails: the answer to its first bytes is a reset,
/// one round trip later. A connection that breaks later broke while the server worked on the request.
const STALE_WITHIN: Duration = Duration::from_secs(1);

/// Returns the reason for which a request over `connection` has no response after `waited`.
fn failure(error: &reqwest::Error, connection: Connection, waited: Duration) -> TransportError {
    let causes = chain(error);
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => TransportError::ConnectTimeout,
        (true, false) if tls_failure::is_cause(error) => TransportError::Tls(causes),
        (true, false) => TransportError::Connect(causes),
        _ if connection == Connection::Reused
            && waited < STALE_WITHIN
            && closed_connection::is_cause(error) =>
        {
            TransportError::Stale(causes)
        }
        _ => TransportError::Lost(causes),
    }
}

/// Returns the error with its causes, down to that of the system. The URL is left out: it may hold a
/// password.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(it) = cause {
        causes.push(it.to_string());
        cause = it.source();
    }
    causes.dedup();
    if causes.is_empty() { "the request failed".to_owned() } else { causes.join(": ") }
}

/// The error of a pool of connections that cannot be created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot set up connections: {0}")]
pub struct BuildTransportError(String);

#[cfg(test)]
mod tests;
