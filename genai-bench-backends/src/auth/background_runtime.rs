//! A runtime for tasks beside the requests.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own that ends when this is dropped.
///
/// Fetching a credential includes connecting, reading the machine's certificates and signing. On this thread
/// it does not delay the threads that timestamp responses, and a task does not end with the runtime of the
/// request that started it.
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
            // The sender was dropped: the runtime ends.
            drop(runtime.block_on(ended));
        })?;
        Ok(Self { runtime: handle, _ends: ends })
    }

    /// Returns the result of `build`, whose tasks are spawned on this runtime.
    #[cfg(feature = "vertex")]
    pub(super) fn build_inside<T>(&self, build: impl FnOnce() -> T) -> T {
        let _there = self.runtime.enter();
        build()
    }

    /// Spawns `task` on this runtime.
    #[cfg(feature = "credential-cache")]
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(task));
    }
}
