//! The server: one thread that accepts connections and serves them all.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use genai_bench_core::clock::Epoch;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::body::HeldBodies;
use super::flush::{Flushed, Flushes};
use super::host::AllowedHosts;
use super::limits;
use super::load::Load;
use super::prefix_cache::PrefixCache;
use super::routes::route;
use super::settings::{Settings, SettingsError};
use super::truth::Ledger;

/// How long to wait before accepting again when the system has no sockets left.
const BREATH: Duration = Duration::from_millis(10);

/// Why a simulator could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// A setting makes no sense.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Other machines could reach the address.
    #[error("{0} is not a loopback address: choose 127.0.0.1, or set allow_remote")]
    Remote(SocketAddr),
    /// The system gave no thread, event loop or socket.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// What all connections of a server share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) settings: Settings,
    pub(super) hosts: AllowedHosts,
    pub(super) ledger: Arc<Ledger>,
    pub(super) load: Arc<Load>,
    pub(super) bodies: Arc<HeldBodies>,
    /// None when prompts are not cached.
    pub(super) prefixes: Option<Arc<PrefixCache>>,
    /// The number of the next request.
    pub(super) arrivals: AtomicU64,
}

impl Server {
    /// A server that may listen on `bind`.
    pub(super) fn new(settings: Settings, bind: SocketAddr) -> Result<Arc<Self>, SimulatorError> {
        settings.check()?;
        if !bind.ip().is_loopback() && !settings.allow_remote {
            return Err(SimulatorError::Remote(bind));
        }
        let ledger = Arc::new(Ledger::new(Epoch::start(), settings.truth_limit.get()));
        let load = Arc::new(Load::new(settings.slowdown));
        let prefixes = PrefixCache::new(&settings);
        let hosts = AllowedHosts::new(bind, &settings.allowed_hosts);
        let (bodies, arrivals) = Default::default();
        Ok(Arc::new(Self { settings, hosts, ledger, load, bodies, prefixes, arrivals }))
    }

    /// The number of the request that has just arrived.
    pub(super) fn next_number(&self) -> u64 {
        self.arrivals.fetch_add(1, Ordering::Relaxed)
    }

    /// After how many bytes of `length` request `number` is cut.
    pub(super) fn cut_at(&self, number: u64, length: u64) -> u64 {
        self.settings.faults.cut_at(self.settings.seed, number, length)
    }

    /// Serves on this thread until `stop` is ready; `on_ready` learns the address.
    pub(super) fn run(
        self: Arc<Self>,
        bind: SocketAddr,
        on_ready: impl FnOnce(SocketAddr),
        stop: impl Future,
    ) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = runtime.block_on(TcpListener::bind(bind))?;
        on_ready(listener.local_addr()?);
        runtime.spawn(accept(self, listener));
        runtime.block_on(stop);
        Ok(())
    }
}

/// Runs a simulator on this thread for as long as the process lives. `on_ready` is told where it listens, once
/// it does. Not to be called from async code: use [`Simulator`](super::Simulator) there.
///
/// # Errors
///
/// Settings that make no sense, an address that other machines can reach, or one that is taken.
pub fn serve(
    settings: Settings,
    bind: SocketAddr,
    on_ready: impl FnOnce(SocketAddr),
) -> Result<Infallible, SimulatorError> {
    let server = Server::new(settings, bind)?;
    match server.run(bind, on_ready, std::future::pending::<()>()) {
        Err(source) => Err(SimulatorError::Listen { address: bind, source }),
        Ok(()) => unreachable!("nothing stops a future that is pending forever"),
    }
}

async fn accept(server: Arc<Server>, listener: TcpListener) {
    let most = server.settings.max_connections.get().min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((connection, _)) => {
                // Without it a small chunk may wait for the client to confirm the one before it.
                let _ = connection.set_nodelay(true);
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    converse(server, connection).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

/// Answers the requests of one connection until it ends.
pub(super) async fn converse<C>(server: Arc<Server>, connection: C)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let flushes = Arc::new(Flushes::default());
    let io = Flushed::new(TokioIo::new(connection), Arc::clone(&flushes));
    let service = service_fn(move |request| route(Arc::clone(&server), request, Arc::clone(&flushes)));
    let mut connection = http1::Builder::new();
    connection
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIMEOUT)
        .max_header_size(limits::LARGEST_HEAD);
    // An error here is a client that left or a cut on purpose: the truth of the request says which.
    let _ = connection.serve_connection(io, service).await;
}
