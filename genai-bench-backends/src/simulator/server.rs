//! The server: one thread that accepts connections and serves them all.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::flush::{CountedFlushes, Flushes};
use super::routes::route;
use super::settings::Settings;
use super::state::{ServerState, SimulatorError};

/// The delay before the next attempt to accept a connection when the system has no sockets left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// The timeout of reading the head of a request, from the end of the request before it. Without it, a
/// connection that sends a byte now and then would hold its place forever. Clients close idle connections
/// after some seconds.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest head of a request, in bytes. Keys have some thousands at most, and other servers accept 8 or
/// 16 KiB.
pub(super) const LARGEST_HEAD: usize = 32 << 10;

/// Serves on this thread until `stop` is ready; calls `on_ready` with the listening address.
pub(super) fn run(
    server: Arc<ServerState>,
    bind: SocketAddr,
    on_ready: impl FnOnce(SocketAddr),
    stop: impl Future,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let listener = runtime.block_on(TcpListener::bind(bind))?;
    on_ready(listener.local_addr()?);
    runtime.spawn(accept(server, listener));
    runtime.block_on(stop);
    Ok(())
}
/// Runs a simulator on this thread for as long as the process lives. Calls `on_ready` with the listening
/// address once connections are accepted. Do not call it from async code: use
/// [`Simulator`](super::Simulator) there.
///
/// # Errors
///
/// Returns an error for invalid settings, an address that other machines can reach, or one that is in use.
pub fn serve(
    settings: Settings,
    bind: SocketAddr,
    on_ready: impl FnOnce(SocketAddr),
) -> Result<Infallible, SimulatorError> {
    let server = ServerState::new(settings, bind)?;
    match run(server, bind, on_ready, std::future::pending::<()>()) {
        Err(source) => Err(SimulatorError::Listen { address: bind, source }),
        Ok(()) => unreachable!("nothing stops a future that is pending forever"),
    }
}

async fn accept(server: Arc<ServerState>, listener: TcpListener) {
    let most = server.settings.max_connections.get().min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((connection, _)) => {
                // Without it a small chunk may wait for the client to acknowledge the one before it.
                let _ = connection.set_nodelay(true);
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    serve_connection(server, connection).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
        }
    }
}

/// Serves the requests of one connection until it ends.
pub(super) async fn serve_connection<C>(server: Arc<ServerState>, connection: C)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let flushes = Arc::new(Flushes::default());
    let io = CountedFlushes::new(TokioIo::new(connection), Arc::clone(&flushes));
    let service = service_fn(move |request| route(Arc::clone(&server), request, Arc::clone(&flushes)));
    let mut connection = http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_header_size(LARGEST_HEAD);
    // An error here is a client that disconnected or an injected cut: the record of the request has the
    // reason.
    let _ = connection.serve_connection(io, service).await;
}
