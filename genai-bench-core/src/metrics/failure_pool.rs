//! Failures of many requests, in bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use crate::failure::{Failure, FailureKind};

/// The number of failures that are kept with everything that is known of them.
const MOST_WHOLE: usize = 1_000;
/// The number of different failures that are kept besides.
const MOST_DIFFERENT: usize = 1_000;
/// The message of all further ones.
const REST: &str = "one of many different messages: the journal has each";

/// Failures that requests share.
///
/// The first thousand are kept as they are. Later ones are kept once for each kind, status and message, without what
/// differs from request to request, such as the provider's name for it; the journal has that.
#[derive(Clone, Debug, Default)]
pub(super) struct FailurePool {
    whole: usize,
    shared: HashMap<(FailureKind, Option<u16>, String), Arc<Failure>>,
}

impl FailurePool {
    /// Returns `failure` to be kept with a request.
    pub(super) fn share(&mut self, failure: &Failure) -> Arc<Failure> {
        if self.whole < MOST_WHOLE {
            self.whole += 1;
            return Arc::new(failure.clone());
        }
        let mut key = (failure.kind, failure.status, failure.message.clone());
        if self.shared.len() >= MOST_DIFFERENT && !self.shared.contains_key(&key) {
            REST.clone_into(&mut key.2);
        }
        let short = || {
            let short = Failure::new(key.0, key.2.clone()).with_status(key.1);
            Arc::new(short.with_code(failure.code.as_deref()))
        };
        Arc::clone(self.shared.entry(key.clone()).or_insert_with(short))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failures_are_kept_whole_and_the_others_once_each() {
        let mut pool = FailurePool::default();
        let mut failure = Failure::in_band("no").with_status(Some(500));
        failure.request_id = Some("r-1".into());
        let first = pool.share(&failure);
        assert_eq!(*first, failure);
        (1..MOST_WHOLE).for_each(|_| drop(pool.share(&failure)));
        let (one, other) = (pool.share(&failure), pool.share(&failure));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!((one.message.as_str(), one.status, one.request_id.clone()), ("no", Some(500), None));
    }

    #[test]
    fn failures_that_all_differ_take_bounded_memory() {
        let mut pool = FailurePool::default();
        for number in 0..10_000 {
            pool.share(&Failure::in_band(format!("request {number}")));
        }
        assert!(pool.shared.len() <= MOST_DIFFERENT + 1);
        assert_eq!(pool.share(&Failure::in_band("request 10000")).message, REST);
    }
}
