//! Timeouts of requests.

use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Sleep;

use super::LiveCounts;
use crate::clock::{self, Instant};
use crate::failure::Failure;

/// The timeouts of a request. `None` disables a timeout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// The maximum time from the sending of a request to the last byte of its answer.
    pub request: Option<Duration>,
    /// The maximum time between two arrivals of bytes of an answer.
    pub stall: Option<Duration>,
}

impl Timeouts {
    /// Returns the earlier of the two deadlines of a request that was sent at `sent` and received bytes last at
    /// `last_activity`.
    fn next_deadline(self, sent: Instant, last_activity: Instant) -> Option<tokio::time::Instant> {
        let request = self.request.and_then(|timeout| sent.into_tokio().checked_add(timeout));
        let stall = self.stall.and_then(|timeout| last_activity.into_tokio().checked_add(timeout));
        request.into_iter().chain(stall).min()
    }
}

/// The deadline of one exchange.
///
/// One timer serves both timeouts. It is not reset with each chunk: when it fires, it is set again if bytes have
/// arrived since.
pub(super) struct Deadline<'a> {
    timeouts: Timeouts,
    activity: &'a LiveCounts,
    sent: Instant,
    last_activity: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> Deadline<'a> {
    /// Creates the deadline of an exchange whose request is sent at `sent`.
    pub(super) fn new(sent: Instant, timeouts: Timeouts, activity: &'a LiveCounts) -> Self {
        let timer = timeouts.next_deadline(sent, sent).map(|at| Box::pin(tokio::time::sleep_until(at)));
        Self { timeouts, activity, sent, last_activity: sent, timer }
    }

    /// Records the arrival of bytes.
    pub(super) fn record_activity(&mut self, now: Instant) {
        self.last_activity = now;
        self.activity.record_activity(now);
    }

    /// Awaits `future` until the deadline.
    pub(super) async fn run<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Failure> {
        let Some(timer) = &mut self.timer else { return Ok(future.await) };
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return Ok(done),
                () = &mut *timer => {
                    let now = clock::now();
                    if let Some(allowed) = self.timeouts.request.filter(|limit| now.since(self.sent) >= *limit) {
                        return Err(Failure::timed_out(allowed));
                    }
                    if let Some(allowed) = self.timeouts.stall.filter(|limit| now.since(self.last_activity) >= *limit) {
                        return Err(Failure::stalled(allowed));
                    }
                    let Some(at) = self.timeouts.next_deadline(self.sent, self.last_activity) else {
                        return Ok(future.await);
                    };
                    timer.as_mut().reset(at);
                }
            }
        }
    }
}
