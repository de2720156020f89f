//! Retries of failed requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureKind};
use crate::record::RequestRecord;
use crate::rng::{Rng, Stream};

/// The retry policy of failed requests. By default there are no retries: silent retries would hide the failures that
/// a benchmark is to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// The maximum number of retries of a request. 0 disables retries.
    #[serde(rename = "at_most")]
    pub max_retries: u32,
}

/// The pause before the first retry, unless the server requests another. It doubles with each retry.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The maximum pause between attempts, unless the server requests another.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The longest pause that a server may request: with a longer one, the request has failed.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Retry {
    /// Returns `true` if another retry is allowed after those of `record`.
    pub(super) fn allows_retry_of(self, record: &RequestRecord) -> bool {
        record.retries < self.max_retries
    }

    /// Returns the pause before the next attempt at the request of `record`; `None` if there is none.
    ///
    /// A request is sent again only if no output has arrived: the second half of an answer cannot be requested.
    pub(super) fn pause_after(self, failure: &Failure, record: &RequestRecord) -> Option<Duration> {
        if !self.allows_retry_of(record) || !record.arrivals.is_empty() || !is_transient(failure) {
            return None;
        }
        if let Some(seconds) = failure.retry_after_s {
            return Duration::try_from_secs_f64(seconds).ok().filter(|pause| *pause <= LONGEST_WAIT);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << record.retries.min(8)).min(LONGEST_PAUSE);
        // Jitter: requests that were refused together are not sent again together.
        let place = u64::from(record.turn) << 32 | u64::from(record.retries);
        let share = Rng::at(0, Stream::Retry, record.index, place).share();
        Some(pause.mul_f64(1.0 - share / 4.0))
    }
}

/// Returns `true` if the same request may succeed a little later.
fn is_transient(failure: &Failure) -> bool {
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
