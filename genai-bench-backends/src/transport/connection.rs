//! The connection of a request: a new one that it waited for, or an open one that it reused.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use genai_bench_core::clock;
use genai_bench_core::transport::{Connection, Handshake};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};

tokio::task_local! {
    /// The handshake times of the connection that is opened for the current request.
    static HANDSHAKE: Arc<Noted>;
}

/// The times of the connection that a request waits for.
#[derive(Debug, Default)]
struct Noted {
    total: OnceLock<Duration>,
    dns: OnceLock<Duration>,
}

/// Awaits `sending`, and returns its result with the connection that it used.
///
/// A connection is opened inside the future of the request that needs it. If another connection becomes free
/// first, the request uses that one, and the new one, finished later by a task of its own, goes to the pool.
pub(super) async fn observe<T>(sending: impl Future<Output = T>) -> (T, Connection) {
    let handshake = Arc::new(Noted::default());
    let sent = HANDSHAKE.scope(Arc::clone(&handshake), sending).await;
    let dns = handshake.dns.get().copied();
    let opened = handshake.total.get().map(|total| Handshake::new(*total).with_dns(dns));
    (sent, opened.map_or(Connection::Reused, Connection::New))
}

/// Returns `true` if the request that caused the connection waits for it now. It does not if the request has
/// used a connection that became free, and a task of the pool finishes the new one.
fn is_of_current_request(noted: &Arc<Noted>) -> bool {
    HANDSHAKE.try_with(|current| Arc::ptr_eq(current, noted)).unwrap_or(false)
}

/// A resolver that looks names up as the system does, and measures the time.
///
/// The rest of the total time is TCP and TLS: the connector below does both in one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimedResolver;

impl Resolve for TimedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let noted = HANDSHAKE.try_with(Arc::clone).ok();
        let began = clock::now();
        Box::pin(async move {
            // The connector sets the port.
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some(noted) = noted.filter(is_of_current_request) {
                let _ = noted.dns.set(clock::now().since(began));
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A layer that measures the times of connectors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed;

impl<S> Layer<S> for Timed {
    type Service = TimedConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        TimedConnector(connector)
    }
}

/// A connector that measures its connections: look-up, TCP and TLS together.
#[derive(Clone, Debug)]
pub(super) struct TimedConnector<S>(S);

impl<S, R> Service<R> for TimedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        let noted = HANDSHAKE.try_with(Arc::clone).ok();
        let began = clock::now();
        let connecting = self.0.call(destination);
        Box::pin(async move {
            let connected = connecting.await?;
            if let Some(noted) = noted.filter(is_of_current_request) {
                // Only the first one can be the connection that the request waits for.
                let _ = noted.total.set(clock::now().since(began));
            }
            Ok(connected)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A connector that connects at once.
    struct Immediate;

    impl Service<()> for Immediate {
        type Response = ();
        type Error = Infallible;
        type Future = std::future::Ready<Result<(), Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            std::future::ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_request_that_waits_for_its_connection_has_a_new_one() {
        let mut connector = Timed.layer(Immediate);
        let (_, connection) = observe(async { connector.call(()).await }).await;
        assert!(matches!(connection, Connection::New(_)), "{connection:?}");
        let (_, connection) = observe(async {}).await;
        assert_eq!(connection, Connection::Reused);
    }

    #[tokio::test]
    async fn a_connection_that_the_pool_finishes_is_not_the_requests() {
        let mut connector = Timed.layer(Immediate);
        let (connected, connection) = observe(async {
            // As in the pool after another connection has become free, while the request is still in flight.
            tokio::spawn(connector.call(())).await
        })
        .await;
        assert!(connected.is_ok());
        assert_eq!(connection, Connection::Reused);
    }
}
