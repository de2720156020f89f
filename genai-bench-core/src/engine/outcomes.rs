//! The outcomes of the requests of a run, which decide if the run ends early.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::failure::{Failure, FailureKind};
use crate::plan::Limit;
use crate::record::RequestRecord;

/// The number of finished requests before a run can have too many errors.
const MIN_FINISHED: u64 = 20;
/// The number of failures in a row that show a server to be gone.
const MIN_STREAK: u64 = 10;

/// The outcomes of the requests of a run so far.
#[derive(Debug)]
pub(crate) struct Outcomes {
    max_error_rate: Option<f64>,
    requests: Option<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    finished: u64,
    failed: u64,
    /// The number of requests in a row, up to the last one that finished, whose failure shows the server to be gone.
    streak: u64,
    last_failure: Option<Failure>,
}

impl Outcomes {
    /// Creates the counts of a run with this limit, and the error rate above which it ends early.
    pub(super) fn new(limit: Limit, max_error_rate: Option<f64>) -> Self {
        Self { max_error_rate, requests: limit.requests.map(u64::from), state: Mutex::default() }
    }

    /// Adds a request that has ended. Returns `true` if the run should end early, because too many requests have
    /// failed.
    pub(super) fn add(&self, record: &RequestRecord) -> bool {
        let mut state = self.lock();
        match &record.failure {
            Some(failure) if failure.is_cancellation() => return false,
            Some(failure) => {
                state.failed += 1;
                state.streak = if shows_server_gone(failure, record) { state.streak + 1 } else { 0 };
                state.last_failure = Some(failure.clone());
            }
            None => state.streak = 0,
        }
        state.finished += 1;
        let is_last = self.requests.is_some_and(|requests| state.finished >= requests);
        !is_last && self.is_above(&state)
    }

    /// Returns `true` if more requests have failed than the run allows.
    pub(crate) fn has_too_many_errors(&self) -> bool {
        self.is_above(&self.lock())
    }

    /// Returns `true` if the last requests of the run show that the server is gone or refuses everything.
    pub(crate) fn server_is_gone(&self) -> bool {
        let state = self.lock();
        state.streak > 0 && (state.streak >= MIN_STREAK || state.streak == state.finished)
    }

    /// Returns the failure of the last request that failed.
    pub(crate) fn last_failure(&self) -> Option<Failure> {
        self.lock().last_failure.clone()
    }

    /// Returns `true` if the error rate is above the maximum. With a limit on requests it must also be certain that the
    /// rate stays above the maximum until the end of the run.
    fn is_above(&self, state: &State) -> bool {
        let Some(max) = self.max_error_rate else { return false };
        let enough = self.requests.map_or(MIN_FINISHED, |requests| requests.min(MIN_FINISHED));
        let total = self.requests.unwrap_or(state.finished).max(state.finished);
        state.finished >= enough && state.failed as f64 > max * total as f64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns `true` if a failure shows that the server is gone or refuses everything.
fn shows_server_gone(failure: &Failure, record: &RequestRecord) -> bool {
    match failure.kind {
        FailureKind::Connect | FailureKind::NotSent | FailureKind::Unavailable => true,
        FailureKind::ConnectionLost => record.arrivals.is_empty(),
        FailureKind::Status => matches!(failure.status, Some(401 | 403 | 404)),
        // A server that closes idle connections is still there: the next request opens a new one.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    fn outcomes(requests: Option<u64>, max_error_rate: f64) -> Outcomes {
        let limit = Limit { requests: requests.and_then(NonZeroU64::new), ..Limit::default() };
        Outcomes::new(limit, Some(max_error_rate))
    }

    fn failed(kind: FailureKind, status: Option<u16>) -> RequestRecord {
        RequestRecord {
            failure: Some(Failure::new(kind, "no").with_status(status)),
            ..RequestRecord::default()
        }
    }

    /// Returns the number of requests after which a run ends early, when every `nth` fails.
    fn ends_after(outcomes: &Outcomes, nth: u64) -> Option<u64> {
        (1_u64..=100).find(|number| {
            let fails = number.is_multiple_of(nth);
            let record =
                if fails { failed(FailureKind::Status, Some(500)) } else { RequestRecord::default() };
            outcomes.add(&record)
        })
    }

    #[test]
    fn a_run_by_time_ends_at_the_rate_of_twenty_requests() {
        assert_eq!(ends_after(&outcomes(None, 0.5), 1), Some(20));
        assert_eq!(ends_after(&outcomes(None, 0.4), 2), Some(20));
        assert_eq!(ends_after(&outcomes(None, 0.5), 2), None, "at the rate is not above it");
    }

    #[test]
    fn a_run_by_number_ends_when_its_rate_must_stay_too_high() {
        assert_eq!(ends_after(&outcomes(Some(100), 0.3), 1), Some(31));
        assert_eq!(ends_after(&outcomes(Some(30), 0.1), 1), Some(20), "not before 20 have finished");
        assert_eq!(ends_after(&outcomes(Some(5), 0.1), 1), None, "there is nothing to end after the last");
        let short = outcomes(Some(5), 0.1);
        ends_after(&short, 1);
        assert!(short.has_too_many_errors());
    }

    #[test]
    fn without_a_maximum_rate_every_request_may_fail() {
        let outcomes = Outcomes::new(Limit::default(), None);
        assert_eq!(ends_after(&outcomes, 1), None);
        assert!(!outcomes.has_too_many_errors());
    }

    #[test]
    fn a_streak_of_refusals_shows_the_server_to_be_gone() {
        let cases = [
            (FailureKind::Connect, None, true),
            (FailureKind::NotSent, None, true),
            (FailureKind::ConnectionLost, None, true),
            (FailureKind::StaleConnection, None, false),
            (FailureKind::Unavailable, Some(503), true),
            (FailureKind::Status, Some(401), true),
            (FailureKind::Status, Some(404), true),
            (FailureKind::Status, Some(500), false),
            (FailureKind::RateLimited, Some(429), false),
            (FailureKind::Timeout, None, false),
            (FailureKind::Stalled, None, false),
        ];
        for (kind, status, is_gone) in cases {
            let outcomes = Outcomes::new(Limit::default(), None);
            outcomes.add(&failed(kind, status));
            assert_eq!(outcomes.server_is_gone(), is_gone, "{kind}: all of the run");
            outcomes.add(&RequestRecord::default());
            for _ in 0..9 {
                outcomes.add(&failed(kind, status));
            }
            outcomes.add(&RequestRecord { failure: Some(Failure::cancelled()), ..RequestRecord::default() });
            assert!(!outcomes.server_is_gone(), "{kind}: nine after an answer are too few");
            outcomes.add(&failed(kind, status));
            assert_eq!(outcomes.server_is_gone(), is_gone, "{kind}: ten are enough");
            assert_eq!(outcomes.last_failure().map(|it| it.kind), Some(kind));
        }
        assert!(!Outcomes::new(Limit::default(), None).server_is_gone(), "nothing has ended");
    }
}
