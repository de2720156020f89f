//! A thread for what goes on beside requests.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own, until this is dropped.
///
/// Google's crate renews tokens in a task that it spawns where its credentials are made. There, connecting and
/// signing hold up no thread that stamps what arrives, and the task does not end with the runtime of whoever asked
/// first.
#[derive(Debug)]
pub(super) struct Beside {
    runtime: Handle,
    _ends: oneshot::Sender<()>,
}

impl Beside {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (ends, ended) = oneshot::channel();
        thread::Builder::new().name("google-credentials".to_owned()).spawn(move || {
            // That nobody is left who could end it is the end.
            drop(runtime.block_on(ended));
        })?;
        Ok(Self { runtime: handle, _ends: ends })
    }

    /// Makes something whose tasks run there.
    pub(super) fn make<T>(&self, make: impl FnOnce() -> T) -> T {
        let _there = self.runtime.enter();
        make()
    }
}
