//! The failures of many requests, in bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use crate::failure::{Failure, FailureKind};

/// The number of failures that are stored with all their details.
const MAX_COMPLETE: usize = 1_000;
/// The number of different failures that are stored after these.
const MAX_DIFFERENT: usize = 1_000;
/// The message of all further failures.
const OTHER_MESSAGE: &str = "one of many different messages: the journal has each";

/// A pool of failures that requests share.
///
/// The first thousand failures are stored as they are. Later ones are stored once for each kind, status and message,
/// without details of a single request such as its ID at the provider; the journal has these.
#[derive(Clone, Debug, Default)]
pub(super) struct FailurePool {
    complete: usize,
    shared: HashMap<(FailureKind, Option<u16>, String), Arc<Failure>>,
}

impl FailurePool {
    /// Returns the stored form of `failure`.
    pub(super) fn share(&mut self, failure: &Failure) -> Arc<Failure> {
        if self.complete < MAX_COMPLETE {
            self.complete += 1;
            return Arc::new(failure.clone());
        }
        let mut key = (failure.kind, failure.status, failure.message.clone());
        if self.shared.len() >= MAX_DIFFERENT && !self.shared.contains_key(&key) {
            OTHER_MESSAGE.clone_into(&mut key.2);
        }
        let (kind, status, message) = key.clone();
        let shared = self.shared.entry(key).or_insert_with(|| {
            Arc::new(Failure::new(kind, message).with_status(status).with_code(failure.code.as_deref()))
        });
        Arc::clone(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_after_the_first_thousand_are_stored_once_each() {
        let mut pool = FailurePool::default();
        let mut failure = Failure::in_band("no").with_status(Some(500));
        failure.request_id = Some("r-1".into());
        let first = pool.share(&failure);
        assert_eq!(*first, failure);
        (1..MAX_COMPLETE).for_each(|_| drop(pool.share(&failure)));
        let (one, other) = (pool.share(&failure), pool.share(&failure));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!((one.message.as_str(), one.status, one.request_id.clone()), ("no", Some(500), None));
    }

    #[test]
    fn many_different_failures_take_bounded_memory() {
        let mut pool = FailurePool::default();
        for number in 0..10_000 {
            pool.share(&Failure::in_band(format!("request {number}")));
        }
        assert!(pool.shared.len() <= MAX_DIFFERENT + 1);
        assert_eq!(pool.share(&Failure::in_band("request 10000")).message, OTHER_MESSAGE);
    }
}
