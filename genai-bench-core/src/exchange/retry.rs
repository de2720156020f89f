//! Whether a request that failed is sent again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureKind};
use crate::record::RequestRecord;
use crate::rng::{Rng, Stream};

/// How often a request that failed is sent again. By default never: a benchmark that sends again in silence hides
/// what it was made to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often at most, after the first time.
    pub at_most: u32,
}

/// The pause before a request is sent again for the first time, when the server names none; twice as long each
/// further time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How long it gets.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A server that asks for a longer pause is taken at its word: the request has failed.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Retry {
    /// Whether there is another attempt after those of `record`, if it is needed.
    pub(super) fn has_more_than(self, record: &RequestRecord) -> bool {
        record.retries < self.at_most
    }

    /// How long to wait before the request of `record` is sent again; `None` when it is not.
    ///
    /// Only what was refused before anything of an answer came is sent again: the second half of an answer cannot be
    /// asked for.
    pub(super) fn pause_after(self, failure: &Failure, record: &RequestRecord) -> Option<Duration> {
        if !self.has_more_than(record) || !record.arrivals.is_empty() || !is_passing(failure) {
            return None;
        }
        if let Some(seconds) = failure.retry_after_s {
            return Duration::try_from_secs_f64(seconds).ok().filter(|it| *it <= LONGEST_WAIT);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << record.retries.min(8)).min(LONGEST_PAUSE);
        // Requests that were refused together do not come back together.
        let place = u64::from(record.turn) << 32 | u64::from(record.retries);
        let share = Rng::at(0, Stream::Retry, record.index, place).share();
        Some(pause.mul_f64(1.0 - share / 4.0))
    }
}

/// Whether the same request may be answered a little later.
fn is_passing(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::RateLimited
        | FailureKind::Unavailable
        | FailureKind::Connect
        | FailureKind::ConnectionLost
        | FailureKind::StaleConnection => true,
        FailureKind::Status => matches!(failure.status, Some(408 | 409 | 500..)),
        _ => false,
    }
}
