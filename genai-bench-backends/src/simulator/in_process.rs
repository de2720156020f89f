//! A simulator inside of this process.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use genai_bench_core::clock::Epoch;
use tokio::sync::oneshot;

use super::server::run;
use super::settings::Settings;
use super::state::{ServerState, SimulatorError};
use super::truth::Truth;

/// A simulator inside of this process, on a real TCP port and on a thread and event loop of its own, so that
/// it shares none with the client under test. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    pub(super) server: Arc<ServerState>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts to serve on `bind`; port 0 is any free port. Returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// Settings that make no sense, an address that other machines can reach, or one that is taken.
    pub fn start(settings: Settings, bind: SocketAddr) -> Result<Self, SimulatorError> {
        let server = ServerState::new(settings, bind)?;
        let failed = |source| SimulatorError::Listen { address: bind, source };
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let thread = spawn(Arc::clone(&server), bind, ready, stopped).map_err(failed)?;
        let address = started.recv().unwrap_or_else(|_| Err(io::Error::other("the server's thread died")));
        let address = address.map_err(failed)?;
        Ok(Self { server, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the base of URLs: `http://127.0.0.1:PORT`, without `/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What really happened to every request that has ended, in the order in which they did.
    #[must_use]
    pub fn truth(&self) -> Vec<Truth> {
        self.server.truth_log.to_vec()
    }

    /// Forgets the truth so far, as `DELETE /truth` does.
    pub fn forget(&self) {
        self.server.truth_log.clear();
    }

    /// The zero of the time axis of its [`Truth`].
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.server.truth_log.epoch()
    }
}

fn spawn(
    server: Arc<ServerState>,
    bind: SocketAddr,
    ready: mpsc::Sender<io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("simulator".to_owned()).spawn(move || {
        let started = ready.clone();
        // Nobody listens any more once the start has been reported, and then nobody needs to.
        let on_ready = move |address| drop(started.send(Ok(address)));
        if let Err(error) = run(server, bind, on_ready, stopped) {
            let _ = ready.send(Err(error));
        }
    })
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server has been printed by its thread, and dropping must not panic again.
            let _ = thread.join();
        }
    }
}
