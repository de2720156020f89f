//! The phases of a run, and what moves it from one to the next.

use std::time::Duration;

use tokio::sync::watch;

use super::run_state::RunState;
use crate::metrics::RunEnding;
use crate::plan::Limit;
use crate::units::Offset;

/// A phase of a run, in the order in which a run goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// New sessions are started.
    Sending,
    /// No new sessions are started; those in progress go on to their last turn.
    Finishing,
    /// No more requests are sent; those in flight may still end.
    Draining,
    /// Requests in flight are cancelled.
    Aborting,
}

/// The request to end an experiment, made once and seen by every run.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Ends the experiment.
    pub(crate) fn request(&self) {
        self.0.send_replace(true);
    }

    /// Returns `true` if the end of the experiment was requested.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the end of the experiment is requested.
    pub(crate) async fn requested(&self) {
        let mut requested = self.0.subscribe();
        // The sender is `self`: it cannot be gone.
        let _ = requested.wait_for(|requested| *requested).await;
    }
}

/// Moves a run through its phases. At the time limit it drains, for at most `drain`. When there are no more sessions to
/// start, those in progress go on until their end, or until none of them has sent a request for `drain`. A requested
/// shutdown aborts at once. The future never completes: the run ends when the last request has.
pub(crate) async fn watch_over(job: &RunState, shutdown: &Shutdown, limit: Limit, drain: Duration) {
    tokio::select! {
        () = end(job, limit, drain) => job.enter(Phase::Aborting),
        () = shutdown.requested() => job.abort(RunEnding::Interrupted),
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
