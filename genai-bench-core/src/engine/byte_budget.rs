//! How many bytes may lie ready.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A bound on the bytes that one thread makes and others take.
///
/// Something larger than the whole bound is let in when nothing else is there: a run of huge requests is slow to
/// draw, but goes on.
#[derive(Debug)]
pub(super) struct Budget {
    bound: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    held: usize,
    closed: bool,
}

impl Budget {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Whether so many bytes more would have to wait.
    pub(super) fn is_short_of(&self, bytes: usize) -> bool {
        self.lock().is_short_of(bytes, self.bound)
    }

    /// Waits until so many bytes may be added, and adds them; `false` when nobody takes any more.
    pub(super) fn add(&self, bytes: usize) -> bool {
        let short = |it: &mut State| !it.closed && it.is_short_of(bytes, self.bound);
        let mut state = self.changed.wait_while(self.lock(), short).unwrap_or_else(PoisonError::into_inner);
        state.held += bytes;
        !state.closed
    }

    /// So many bytes were taken.
    pub(super) fn take(&self, bytes: usize) {
        let mut state = self.lock();
        state.held = state.held.saturating_sub(bytes);
        drop(state);
        self.changed.notify_one();
    }

    /// Nobody takes any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_short_of(&self, bytes: usize, bound: usize) -> bool {
        self.held > 0 && self.held + bytes > bound
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn what_is_too_much_waits_until_something_is_taken() {
        let budget = Arc::new(Budget::new(10));
        assert!(budget.add(25), "alone, anything goes");
        assert!(budget.is_short_of(1));
        let waiting = thread::spawn({
            let budget = Arc::clone(&budget);
            move || budget.add(6)
        });
        budget.take(25);
        assert!(waiting.join().unwrap());
        assert!(budget.is_short_of(5) && !budget.is_short_of(4));
    }

    #[test]
    fn nobody_waits_for_a_run_that_is_over() {
        let budget = Arc::new(Budget::new(10));
        assert!(budget.add(10));
        let waiting = thread::spawn({
            let budget = Arc::clone(&budget);
            move || budget.add(10)
        });
        budget.close();
        assert!(!waiting.join().unwrap());
    }
}
