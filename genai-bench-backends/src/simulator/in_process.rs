//! A simulator inside this process.

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

/// A simulator inside this process, on a real TCP port, with its own thread and event loop, which it does
/// not share with the client under test. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    pub(super) server: Arc<ServerState>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts to serve on `bind`; port 0 is any free port. Returns once connections are accepted.
    ///
    /// # Errors
    ///
    /// Returns an error for invalid settings, an address that other machines can reach, or one that is in
    /// use.
    pub fn start(settings: Settings, bind: SocketAddr) -> Result<Self, SimulatorError> {
        let server = ServerState::new(settings, bind)?;
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let thread = spawn(Arc::clone(&server), bind, ready, stopped);
        let started = thread.and_then(|thread| {
            let address =
                started.recv().unwrap_or_else(|_| Err(io::Error::other("the server's thread died")));
            Ok((thread, address?))
        });
        let (thread, address) = started.map_err(|source| SimulatorError::Listen { address: bind, source })?;
        Ok(Self { server, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the address that the simulator listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base of URLs, `http://127.0.0.1:PORT`, without `/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the records of all requests that have ended, in the order of their ends.
    #[must_use]
    pub fn truth(&self) -> Vec<Truth> {
        self.server.truth_log.to_vec()
    }

    /// Clears the truth so far, as `DELETE /truth` does.
    pub fn forget(&self) {
        self.server.truth_log.clear();
    }

    /// Returns the zero of the time axis of the [`Truth`].
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
        // The receiver may be gone once the start has been reported.
        if let Err(error) = run(server, bind, move |address| drop(started.send(Ok(address))), stopped) {
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
