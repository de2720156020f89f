//! How a run comes to its end.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Epoch;
use crate::plan::Limit;
use crate::units::Offset;

/// Where a run is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Sessions are started.
    Sending,
    /// No more are started; those that have been go on to their last turn.
    Finishing,
    /// No more requests are sent; those in flight may end.
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

/// Moves a run through its phases. At its time limit it drains for `drain` at most. When there are no more
/// sessions to start (`exhausted`), those that have been go on until their end, or until none of them has sent
/// anything for `drain`. When it is stopped, it aborts at once. Runs until it is dropped.
pub(crate) async fn watch_over(
    phase: &watch::Sender<Phase>,
    exhausted: impl Future<Output = ()>,
    last_sent: impl Fn() -> Offset,
    stopper: &Stopper,
    epoch: Epoch,
    limit: Limit,
    drain: Duration,
) {
    let until = |at: Offset| tokio::time::sleep_until(epoch.instant_at(at).into_tokio());
    let time_is_up = async {
        match limit.time {
            Some(time) => until(Offset::from_duration(time)).await,
            None => std::future::pending().await,
        }
    };
    let silent = async {
        let mut since = epoch.now();
        loop {
            until(since + drain).await;
            match last_sent() {
                later if later > since => since = later,
                _ => break,
            }
        }
    };
    let ended = async {
        tokio::pin!(time_is_up);
        tokio::select! {
            () = &mut time_is_up => {}
            () = exhausted => {
                phase.send_replace(Phase::Finishing);
                tokio::select! {
                    () = &mut time_is_up => {}
                    () = silent => return,
                }
            }
        }
        phase.send_replace(Phase::Draining);
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        () = ended => {}
        () = stopper.stopped() => {}
    }
    phase.send_replace(Phase::Aborting);
    std::future::pending::<()>().await;
}
