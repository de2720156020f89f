//! A thread for what goes on beside requests.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own, until this is dropped.
///
/// To get a credential takes connecting, reading the machine's certificates and signing. There, all that holds up no
/// thread that stamps what arrives, and what was begun does not end with the runtime of whoever asked first.
#[derive(Debug)]
pub(super) struct BackgroundRuntime {
    runtime: Handle,
    _ends: oneshot::Sender<()>,
}

impl BackgroundRuntime {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (ends, ended) = oneshot::channel();
        thread::Builder::new().name("credentials".to_owned()).spawn(move || {
            // That nobody is left who could end it is the end.
            drop(runtime.block_on(ended));
        })?;
        Ok(Self { runtime: handle, _ends: ends })
    }

    /// Makes something whose tasks run there.
    #[cfg(feature = "vertex")]
    pub(super) fn build_inside<T>(&self, build: impl FnOnce() -> T) -> T {
        let _there = self.runtime.enter();
        build()
    }

    /// Carries out `task` there.
    #[cfg(feature = "credential-cache")]
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(task));
    }
}
