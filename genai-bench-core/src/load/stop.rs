//! How a run comes to its end.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Epoch;
use crate::plan::Limit;

/// Where a run is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Requests are sent.
    Sending,
    /// No more are sent; those in flight may end.
    Draining,
    /// Those in flight are given up.
    Aborting,
}

/// Ends an experiment from outside: no more requests are sent, those in flight are given up, and what has
/// finished is saved.
///
/// ```
/// # use genai_bench_core::load::Stopper;
/// let stopper = Stopper::default();
/// let same = stopper.clone(); // for a signal handler
/// same.stop();
/// assert!(stopper.is_stopped());
/// ```
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Default for Stopper {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopper {
    /// Ends the experiment.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the experiment has been ended.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    async fn stopped(&self) {
        let mut stopped = self.0.subscribe();
        // The sender is `self`: it cannot be gone.
        let _ = stopped.wait_for(|it| *it).await;
    }
}

/// Moves a run through its phases: to draining at its time limit or when a slot has been `emptied`, to aborting
/// when draining takes longer than `drain`, and straight to aborting when it is stopped. Runs until it is
/// dropped.
pub(crate) async fn watch_over(
    phase: &watch::Sender<Phase>,
    emptied: impl Future<Output = ()>,
    stopper: &Stopper,
    epoch: Epoch,
    limit: Limit,
    drain: Duration,
) {
    let ends = async {
        match limit.time {
            Some(time) => {
                let at = epoch.instant_at(crate::units::Offset::from_duration(time));
                tokio::time::sleep_until(at.into_tokio()).await;
            }
            None => std::future::pending().await,
        }
    };
    let drained = async {
        tokio::select! {
            () = ends => {}
            () = emptied => {}
        }
        // Slots that have not opened yet, or wait before they connect again, have nothing left to do.
        phase.send_replace(Phase::Draining);
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        () = drained => {}
        () = stopper.stopped() => {}
    }
    phase.send_replace(Phase::Aborting);
    std::future::pending::<()>().await;
}
