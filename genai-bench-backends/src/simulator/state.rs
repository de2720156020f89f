//! The state that all connections of a server share.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use genai_bench_core::clock::Epoch;

use super::allowed_hosts::AllowedHosts;
use super::prompt::PrefixCache;
use super::request_body::HeldBodies;
use super::running_requests::RunningRequests;
use super::settings::{Settings, SettingsError};
use super::truth::TruthLog;

/// The reason why a simulator could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// A setting has an invalid value.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Other machines could reach the address.
    #[error("{0} is not a loopback address: choose 127.0.0.1, or set allow_remote")]
    Remote(SocketAddr),
    /// The system provided no thread, event loop or socket.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address to listen on.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
}

/// The state that all connections of a server share.
#[derive(Debug)]
pub(super) struct ServerState {
    pub(super) settings: Settings,
    pub(super) hosts: AllowedHosts,
    pub(super) truth_log: Arc<TruthLog>,
    pub(super) load: Arc<RunningRequests>,
    pub(super) bodies: Arc<HeldBodies>,
    /// The prefix cache, or `None` when prompts are not cached.
    pub(super) prefixes: Option<Arc<PrefixCache>>,
    /// The number of the next request.
    pub(super) arrivals: AtomicU64,
}

impl ServerState {
    /// Creates the state of a server that may listen on `bind`.
    pub(super) fn new(settings: Settings, bind: SocketAddr) -> Result<Arc<Self>, SimulatorError> {
        settings.check()?;
        if !bind.ip().is_loopback() && !settings.allow_remote {
            return Err(SimulatorError::Remote(bind));
        }
        let truth_log = Arc::new(TruthLog::new(Epoch::start(), settings.truth_limit.get()));
        let load = Arc::new(RunningRequests::new(settings.slowdown));
        let prefixes = PrefixCache::new(&settings);
        let hosts = AllowedHosts::new(bind, &settings.allowed_hosts);
        let (bodies, arrivals) = Default::default();
        Ok(Arc::new(Self { settings, hosts, truth_log, load, bodies, prefixes, arrivals }))
    }

    /// Returns the number of the request that has just arrived.
    pub(super) fn next_number(&self) -> u64 {
        self.arrivals.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the number of bytes after which the body of request `number` is cut, out of `length`.
    pub(super) fn cut_at(&self, number: u64, length: u64) -> u64 {
        self.settings.faults.cut_at(self.settings.seed, number, length)
    }
}
