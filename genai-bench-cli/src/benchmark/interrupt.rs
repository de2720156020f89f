//! Ctrl-C: once ends the experiment and saves it, twice ends the program.

use genai_bench_core::load::Stopper;
use tokio::task::JoinHandle;

/// Listens as long as it lives.
pub(crate) struct Watch(JoinHandle<()>);

/// Ends the experiment on the first Ctrl-C, the program on the second.
pub(crate) fn watch(stopper: Stopper) -> Watch {
    Watch(tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        eprintln!("\nstopping: what has finished is saved (Ctrl-C again to exit at once)");
        stopper.stop();
        if tokio::signal::ctrl_c().await.is_ok() {
            // The journal holds every request that has finished.
            std::process::exit(i32::from(super::INTERRUPTED));
        }
    }))
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
