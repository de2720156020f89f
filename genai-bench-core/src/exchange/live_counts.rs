//! Live counts of what requests in flight do, for whoever watches a run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{self, Instant};

/// Live counts of one run, updated with every chunk that arrives and read by another thread.
///
/// Relaxed atomics and nothing else: this is done on the thread that stamps.
#[derive(Debug)]
pub(crate) struct LiveCounts {
    origin: Instant,
    in_flight: AtomicU64,
    /// The highest number of requests that were in flight at the same time.
    most_in_flight: AtomicU64,
    /// When anything of an answer last arrived, or a request was sent while none was in flight: nanoseconds from
    /// the origin.
    heard_ns: AtomicU64,
    pieces: AtomicU64,
    /// Bodies that ended with their answers, and bodies that were left open after them.
    bodies_ended: AtomicU64,
    bodies_left_open: AtomicU64,
    /// The bytes that answers hold, as far as they were reported.
    held_bytes: AtomicU64,
}

impl Default for LiveCounts {
    fn default() -> Self {
        Self {
            origin: clock::now(),
            in_flight: AtomicU64::default(),
            most_in_flight: AtomicU64::default(),
            heard_ns: AtomicU64::default(),
            pieces: AtomicU64::default(),
            bodies_ended: AtomicU64::default(),
            bodies_left_open: AtomicU64::default(),
            held_bytes: AtomicU64::default(),
        }
    }
}

/// A request in flight, until it is dropped.
pub(super) struct InFlight<'a>(&'a LiveCounts);

impl LiveCounts {
    /// Returns the number of requests in flight.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Returns the highest number of requests that were in flight at the same time.
    pub(super) fn most_in_flight(&self) -> u64 {
        self.most_in_flight.load(Ordering::Relaxed)
    }

    /// Returns the number of pieces of output that have arrived.
    pub(crate) fn pieces(&self) -> u64 {
        self.pieces.load(Ordering::Relaxed)
    }

    /// Returns the time since anything of any answer arrived; zero while no request is in flight.
    pub(crate) fn silent_for(&self, now: Instant) -> Duration {
        if self.in_flight() == 0 {
            return Duration::ZERO;
        }
        let heard = Duration::from_nanos(self.heard_ns.load(Ordering::Relaxed));
        now.since(self.origin).saturating_sub(heard)
    }

    /// Counts a body that ended with its answer, or was left open after it.
    pub(super) fn body_ended(&self, has_ended: bool) {
        let count = if has_ended { &self.bodies_ended } else { &self.bodies_left_open };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns whether at least `count` bodies were left open after their answers, and none has ended with its own.
    pub(super) fn leaves_bodies_open(&self, count: u64) -> bool {
        self.bodies_ended.load(Ordering::Relaxed) == 0
            && self.bodies_left_open.load(Ordering::Relaxed) >= count
    }

    /// Counts a request as in flight until the guard is dropped.
    pub(super) fn begin(&self, now: Instant) -> InFlight<'_> {
        let others = self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.most_in_flight.fetch_max(others + 1, Ordering::Relaxed);
        if others == 0 {
            self.heard(now);
        }
        InFlight(self)
    }

    /// Notes that something of an answer has arrived.
    pub(super) fn heard(&self, now: Instant) {
        let nanos = u64::try_from(now.since(self.origin).as_nanos()).unwrap_or(u64::MAX);
        self.heard_ns.fetch_max(nanos, Ordering::Relaxed);
    }

    /// Adds to the bytes that answers hold, and returns their sum.
    pub(crate) fn hold(&self, bytes: u64) -> u64 {
        self.held_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes)
    }

    /// Takes bytes that are held no longer off the sum.
    pub(crate) fn release(&self, bytes: u64) {
        if bytes > 0 {
            self.held_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Returns the bytes that answers hold.
    #[cfg(test)]
    pub(crate) fn held(&self) -> u64 {
        self.held_bytes.load(Ordering::Relaxed)
    }

    /// Counts pieces of output.
    pub(crate) fn add_pieces(&self, count: u64) {
        self.pieces.fetch_add(count, Ordering::Relaxed);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_counts_while_a_request_is_in_flight() {
        const SECOND: Duration = Duration::from_secs(1);
        let activity = LiveCounts::default();
        tokio::time::sleep(SECOND).await;
        assert_eq!(activity.silent_for(clock::now()), Duration::ZERO);
        let first = activity.begin(clock::now());
        tokio::time::sleep(SECOND).await;
        // Sending is no sign of life.
        let second = activity.begin(clock::now());
        assert_eq!((activity.in_flight(), activity.silent_for(clock::now())), (2, SECOND));
        activity.heard(clock::now());
        drop(first);
        tokio::time::sleep(SECOND * 3).await;
        assert_eq!((activity.in_flight(), activity.silent_for(clock::now())), (1, SECOND * 3));
        drop(second);
        assert_eq!(activity.silent_for(clock::now()), Duration::ZERO);
        assert_eq!((activity.in_flight(), activity.most_in_flight()), (0, 2));
    }
}
