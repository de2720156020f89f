//! Signals that stop the experiment: after the first one finished requests are saved, the second one ends the program.

use std::sync::{Arc, OnceLock};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A signal that requests the end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopSignal {
    /// SIGINT, sent by Ctrl-C.
    Interrupt,
    /// SIGTERM, sent by service managers, containers and job schedulers.
    #[cfg(unix)]
    Terminate,
}

impl StopSignal {
    /// Returns the name of the signal in messages.
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "Ctrl-C",
            #[cfg(unix)]
            Self::Terminate => "SIGTERM",
        }
    }

    /// Returns the exit code of a program that this signal ended: 128 plus the number of the signal.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            #[cfg(unix)]
            Self::Terminate => 143,
        }
    }
}

/// A listener for signals, which stops when it is dropped.
pub(crate) struct Watch {
    task: JoinHandle<()>,
    received: Arc<OnceLock<StopSignal>>,
}

impl Watch {
    /// Returns the signal that stopped the experiment.
    pub(crate) fn received(&self) -> Option<StopSignal> {
        self.received.get().copied()
    }
}

/// Listens for signals. Returns the listener and a future that completes at the first signal, to end the experiment; the
/// second signal ends the program.
pub(crate) fn watch() -> (Watch, impl Future<Output = ()> + Send + 'static) {
    let received = Arc::new(OnceLock::new());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(stop_on_signals(stop, Arc::clone(&received)));
    let stopped = async {
        if stopped.await.is_err() {
            // No signal can come any more.
            std::future::pending::<()>().await;
        }
    };
    (Watch { task, received }, stopped)
}

async fn stop_on_signals(stop: oneshot::Sender<()>, received: Arc<OnceLock<StopSignal>>) {
    let Ok(mut signals) = Signals::listen() else { return };
    let Some(first) = signals.next().await else { return };
    let name = first.name();
    tracing::warn!("{name}: stopping");
    eprintln!("\n{name}: stopping, finished requests are saved ({name} again exits at once)");
    // Only this task writes it, and only once.
    let _ = received.set(first);
    let _ = stop.send(());
    if let Some(second) = signals.next().await {
        // The journal holds every request that has finished.
        std::process::exit(i32::from(second.exit_code()));
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns the next signal; `None` when no more can come.
    async fn next(&mut self) -> Option<StopSignal> {
        tokio::select! {
            signal = self.interrupt.recv() => signal.map(|()| StopSignal::Interrupt),
            signal = self.terminate.recv() => signal.map(|()| StopSignal::Terminate),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "listening can fail on Unix")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Returns the next signal; `None` when no more can come.
    async fn next(&mut self) -> Option<StopSignal> {
        tokio::signal::ctrl_c().await.ok().map(|()| StopSignal::Interrupt)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
