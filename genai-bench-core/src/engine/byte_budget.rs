//! The limit on the bytes of prepared requests.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A limit on the bytes in a queue between one producer thread and its consumers.
///
/// An item larger than the whole limit is admitted when the queue is empty, so that a run of huge requests is slow to
/// prepare but does not stop.
#[derive(Debug)]
pub(super) struct ByteBudget {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queued: usize,
    closed: bool,
}

impl ByteBudget {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Returns `true` if [`add`](Self::add) would wait for room for `bytes`.
    pub(super) fn would_exceed(&self, bytes: usize) -> bool {
        self.lock().would_exceed(bytes, self.limit)
    }

    /// Waits until there is room for `bytes`, and adds them. Returns `false` if the budget is closed.
    pub(super) fn add(&self, bytes: usize) -> bool {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| !state.closed && state.would_exceed(bytes, self.limit))
            .unwrap_or_else(PoisonError::into_inner);
        state.queued += bytes;
        !state.closed
    }

    /// Subtracts bytes that have left the queue.
    pub(super) fn release(&self, bytes: usize) {
        let mut state = self.lock();
        state.queued = state.queued.saturating_sub(bytes);
        drop(state);
        self.changed.notify_one();
    }

    /// Closes the budget: [`add`](Self::add) returns `false` from now on and does not wait.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn would_exceed(&self, bytes: usize, limit: usize) -> bool {
        self.queued > 0 && self.queued + bytes > limit
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn bytes_over_the_limit_wait_until_others_are_released() {
        let budget = Arc::new(ByteBudget::new(10));
        assert!(budget.add(25), "any size fits in an empty queue");
        assert!(budget.would_exceed(1));
        let waiting = thread::spawn({
            let budget = Arc::clone(&budget);
            move || budget.add(6)
        });
        budget.release(25);
        assert!(waiting.join().unwrap());
        assert!(budget.would_exceed(5) && !budget.would_exceed(4));
    }

    #[test]
    fn a_waiting_add_returns_when_the_budget_is_closed() {
        let budget = Arc::new(ByteBudget::new(10));
        assert!(budget.add(10));
        let waiting = thread::spawn({
            let budget = Arc::clone(&budget);
            move || budget.add(10)
        });
        budget.close();
        assert!(!waiting.join().unwrap());
    }
}
