//! How a run comes to its end.

use std::time::Duration;

use tokio::sync::watch;

use super::run_state::RunState;
use crate::metrics::RunEnding;
use crate::plan::Limit;
use crate::units::Offset;

/// Where a run is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
/// # use genai_bench_core::engine::Stopper;
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
/// sessions to start, those that have been go on until their end, or until none of them has sent anything for
/// `drain`. When it is stopped, it aborts at once. Runs until it is dropped.
pub(crate) async fn watch_over(job: &RunState, stopper: &Stopper, limit: Limit, drain: Duration) {
    tokio::select! {
        () = end(job, limit, drain) => job.enter(Phase::Aborting),
        () = stopper.stopped() => job.abort(RunEnding::Interrupted),
    }
    std::future::pending::<()>().await;
}

/// Waits until what is still in flight has had its time, at the time limit or after the last session was started.
async fn end(job: &RunState, limit: Limit, drain: Duration) {
    let time_is_up = async {
        match limit.time {
            Some(time) => until(job, Offset::from_duration(time)).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(time_is_up);
    tokio::select! {
        () = &mut time_is_up => {}
        () = job.exhausted.notified() => {
            job.enter(Phase::Finishing);
            tokio::select! {
                () = &mut time_is_up => {}
                () = nothing_sent_for(job, drain) => return,
            }
        }
    }
    job.enter(Phase::Draining);
    tokio::time::sleep(drain).await;
}

/// Waits until no request has been sent for `time`.
async fn nothing_sent_for(job: &RunState, time: Duration) {
    let mut since = job.epoch.now();
    loop {
        until(job, since + time).await;
        match job.last_sent() {
            later if later > since => since = later,
            _ => break,
        }
    }
}

async fn until(job: &RunState, at: Offset) {
    tokio::time::sleep_until(job.epoch.instant_at(at).into_tokio()).await;
}
