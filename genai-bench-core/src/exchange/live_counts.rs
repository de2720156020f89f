//! Live counts of the requests in flight, for progress displays.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{self, Instant};

/// Live counts of one run, updated with every chunk that arrives and read by another thread.
///
/// Only relaxed atomics are used, because updates run on the thread that timestamps chunks.
#[derive(Debug)]
pub(crate) struct LiveCounts {
    origin: Instant,
    in_flight: AtomicU64,
    /// The highest number of requests that were in flight at the same time.
    most_in_flight: AtomicU64,
    /// The last arrival of bytes of an answer, or the sending of a request while none was in flight: nanoseconds
    /// since the origin.
    last_activity_ns: AtomicU64,
    pieces: AtomicU64,
    /// The number of bodies that ended with their answers.
    bodies_ended: AtomicU64,
    /// The number of bodies that were left open after their answers.
    bodies_left_open: AtomicU64,
    /// The memory of answers that was reported, in bytes.
    held_bytes: AtomicU64,
}

impl Default for LiveCounts {
    fn default() -> Self {
        Self {
            origin: clock::now(),
            in_flight: AtomicU64::default(),
            most_in_flight: AtomicU64::default(),
            last_activity_ns: AtomicU64::default(),
            pieces: AtomicU64::default(),
            bodies_ended: AtomicU64::default(),
            bodies_left_open: AtomicU64::default(),
            held_bytes: AtomicU64::default(),
        }
    }
}

/// A guard that counts a request as in flight until it is dropped.
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

    /// Returns the time since the last arrival of bytes of any answer; zero while no request is in flight.
    pub(crate) fn silent_for(&self, now: Instant) -> Duration {
        if self.in_flight() == 0 {
            return Duration::ZERO;
        }
        let last_activity = Duration::from_nanos(self.last_activity_ns.load(Ordering::Relaxed));
        now.since(self.origin).saturating_sub(last_activity)
    }

    /// Counts a body that ended with its answer, or was left open after it.
    pub(super) fn body_ended(&self, has_ended: bool) {
        let count = if has_ended { &self.bodies_ended } else { &self.bodies_left_open };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns `true` if at least `count` bodies were left open after their answers, and none has ended with its
    /// answer.
    pub(super) fn leaves_bodies_open(&self, count: u64) -> bool {
        self.bodies_ended.load(Ordering::Relaxed) == 0
            && self.bodies_left_open.load(Ordering::Relaxed) >= count
    }

    /// Counts a request as in flight until the guard is dropped.
    pub(super) fn begin(&self, now: Instant) -> InFlight<'_> {
        let others = self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.most_in_flight.fetch_max(others + 1, Ordering::Relaxed);
        if others == 0 {
            self.record_activity(now);
        }
        InFlight(self)
    }

    /// Records an arrival of bytes of an answer.
    pub(super) fn record_activity(&self, now: Instant) {
        let nanos = u64::try_from(now.since(self.origin).as_nanos()).unwrap_or(u64::MAX);
        self.last_activity_ns.fetch_max(nanos, Ordering::Relaxed);
    }

    /// Adds to the memory of answers, and returns the sum in bytes.
    pub(crate) fn hold(&self, bytes: u64) -> u64 {
        self.held_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes)
    }

    /// Subtracts released bytes from the memory of answers.
    pub(crate) fn release(&self, bytes: u64) {
        if bytes > 0 {
            self.held_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Returns the memory of answers, in bytes.
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
        // Sending is not activity of the server.
        let second = activity.begin(clock::now());
        assert_eq!((activity.in_flight(), activity.silent_for(clock::now())), (2, SECOND));
        activity.record_activity(clock::now());
        drop(first);
        tokio::time::sleep(SECOND * 3).await;
        assert_eq!((activity.in_flight(), activity.silent_for(clock::now())), (1, SECOND * 3));
        drop(second);
        assert_eq!(activity.silent_for(clock::now()), Duration::ZERO);
        assert_eq!((activity.in_flight(), activity.most_in_flight()), (0, 2));
    }
}
