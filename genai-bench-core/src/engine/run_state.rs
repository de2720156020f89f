//! The state that all senders of requests of one run share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, watch};

use super::outcomes::Outcomes;
use super::prefetch::Prefetcher;
use super::recorder_queue::RecorderQueue;
use super::shutdown::Phase;
use crate::clock::Epoch;
use crate::exchange::{Exchange, LiveCounts, Retry, Timeouts};
use crate::metrics::RunEnding;
use crate::plan::{Plan, Ramp};
use crate::record::RequestRecord;
use crate::target::Target;
use crate::units::Offset;

/// The state that all senders of requests of one run share.
#[derive(Debug)]
pub(crate) struct RunState {
    pub(crate) target: Target,
    timeouts: Timeouts,
    retry: Retry,
    live_counts: Arc<LiveCounts>,
    pub(crate) ramp: Ramp,
    pub(crate) prefetcher: Prefetcher,
    pub(crate) epoch: Epoch,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) outcomes: Outcomes,
    pub(super) recorder_queue: RecorderQueue,
    /// The reason why the run ended before its limits, if it did.
    ending: OnceLock<RunEnding>,
    /// There are no more sessions to start.
    pub(crate) exhausted: Notify,
    /// The number of requests that may still be sent.
    left: AtomicU64,
    /// The time at which a request was last sent: nanoseconds from the epoch.
    last_sent_ns: AtomicU64,
    /// The time at which a slot first had nothing to do: nanoseconds from the epoch, or `u64::MAX`.
    emptied_ns: AtomicU64,
}

impl RunState {
    pub(crate) fn new(
        target: Target,
        plan: &Plan,
        prefetcher: Prefetcher,
        live_counts: Arc<LiveCounts>,
    ) -> Self {
        let Plan { timeouts, retry, ramp, limit, .. } = *plan;
        Self {
            target,
            timeouts,
            retry,
            live_counts,
            ramp,
            prefetcher,
            epoch: Epoch::start(),
            phase: watch::Sender::new(Phase::Sending),
            outcomes: Outcomes::new(limit, plan.max_error_rate),
            recorder_queue: RecorderQueue::default(),
            ending: OnceLock::new(),
            exhausted: Notify::new(),
            left: AtomicU64::new(limit.requests.map_or(u64::MAX, u64::from)),
            last_sent_ns: AtomicU64::new(0),
            emptied_ns: AtomicU64::new(u64::MAX),
        }
    }

    /// Returns the circumstances of the run's requests.
    pub(super) fn exchange(&self) -> Exchange<'_> {
        Exchange {
            target: &self.target,
            timeouts: self.timeouts,
            retry: self.retry,
            epoch: self.epoch,
            activity: &self.live_counts,
        }
    }

    /// Returns the live counts of the run.
    pub(super) fn live_counts(&self) -> &LiveCounts {
        &self.live_counts
    }

    /// Returns how the run ended.
    pub(crate) fn ending(&self) -> RunEnding {
        self.ending.get().copied().unwrap_or_default()
    }

    /// Enters a phase. A later phase is not left for an earlier one.
    pub(super) fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let is_later = phase > *current;
            *current = phase.max(*current);
            is_later
        });
    }

    /// Notes how a request has ended, and ends the run when too many have failed.
    pub(super) fn note_outcome(&self, record: &RequestRecord) {
        if self.outcomes.add(record) {
            self.abort(RunEnding::TooManyErrors);
        }
    }

    /// Ends the run before its limits: no more requests are sent, and those in flight are given up.
    pub(super) fn abort(&self, ending: RunEnding) {
        // The first reason stands.
        let _ = self.ending.set(ending);
        self.enter(Phase::Aborting);
    }

    /// Returns the time at which a slot first had nothing to do.
    pub(crate) fn emptied_at(&self) -> Option<Offset> {
        Some(self.emptied_ns.load(Ordering::Relaxed)).filter(|it| *it != u64::MAX).map(Offset::from_nanos)
    }

    /// Returns the time at which a request was last sent.
    pub(crate) fn last_sent(&self) -> Offset {
        Offset::from_nanos(self.last_sent_ns.load(Ordering::Relaxed))
    }

    /// Returns `true` if new sessions are started.
    pub(super) fn is_sending(&self) -> bool {
        *self.phase.borrow() == Phase::Sending
    }

    /// Returns `true` if a session in progress may send another request, which is then counted.
    pub(super) fn try_claim_request(&self) -> bool {
        if !matches!(*self.phase.borrow(), Phase::Sending | Phase::Finishing) {
            return false;
        }
        let one_less = |left: u64| left.checked_sub(1);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok();
        if taken {
            self.last_sent_ns.fetch_max(self.epoch.now().as_nanos(), Ordering::Relaxed);
        }
        taken
    }

    pub(super) fn note_empty_slot(&self) {
        self.emptied_ns.fetch_min(self.epoch.now().as_nanos(), Ordering::Relaxed);
        self.exhausted.notify_one();
    }
}
