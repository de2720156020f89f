//! How long the harness waits for a server.

use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Sleep;

use super::LiveCounts;
use crate::clock::{self, Instant};
use crate::failure::Failure;

/// How long to wait for an answer. `None` waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// From the sending of a request to the last byte of its answer.
    pub request: Option<Duration>,
    /// From one sign of life to the next: any byte of an answer is one.
    pub stall: Option<Duration>,
}

impl Timeouts {
    /// When the next of the two runs out, for a request sent at `sent` and last heard of at `heard`.
    fn ends(self, sent: Instant, heard: Instant) -> Option<tokio::time::Instant> {
        let request = self.request.and_then(|it| sent.into_tokio().checked_add(it));
        let stall = self.stall.and_then(|it| heard.into_tokio().checked_add(it));
        request.into_iter().chain(stall).min()
    }
}

/// Watches over one exchange.
///
/// One timer serves both limits. It is not moved with each chunk: when it goes off, it looks whether
/// something has come since, and is set again.
pub(super) struct Deadline<'a> {
    patience: Timeouts,
    activity: &'a LiveCounts,
    sent: Instant,
    heard: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<'a> Deadline<'a> {
    pub(super) fn from(sent: Instant, patience: Timeouts, activity: &'a LiveCounts) -> Self {
        let alarm = patience.ends(sent, sent).map(|at| Box::pin(tokio::time::sleep_until(at)));
        Self { patience, activity, sent, heard: sent, alarm }
    }

    /// Notes a sign of life.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.activity.heard(now);
    }

    /// Waits for `future` as long as patience lasts.
    pub(super) async fn keep<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Failure> {
        let Some(alarm) = &mut self.alarm else { return Ok(future.await) };
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return Ok(done),
                () = &mut *alarm => {
                    let now = clock::now();
                    if let Some(allowed) = self.patience.request.filter(|it| now.since(self.sent) >= *it) {
                        return Err(Failure::timed_out(allowed));
                    }
                    if let Some(allowed) = self.patience.stall.filter(|it| now.since(self.heard) >= *it) {
                        return Err(Failure::stalled(allowed));
                    }
                    let Some(at) = self.patience.ends(self.sent, self.heard) else { return Ok(future.await) };
                    alarm.as_mut().reset(at);
                }
            }
        }
    }
}
