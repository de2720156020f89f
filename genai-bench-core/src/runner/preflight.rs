//! Requests before the first run.

use std::time::Duration;

use bytes::Bytes;

use super::Runner;
use crate::clock::{self, Epoch};
use crate::error::{Error, catch_panic};
use crate::exchange::{Timeouts, exchange};
use crate::failure::{Failure, FailureKind};
use crate::plan::Plan;
use crate::record::RequestRecord;
use crate::request::Turn;
use crate::workload;

/// The longest time that a request before the first run may take, where the plan's own limit is not shorter. Its answer
/// has a few tokens; a server that loads a model on demand needs most of it for that.
pub const PREFLIGHT_LIMIT: Duration = Duration::from_secs(120);

/// The pause between two requests to a server that is not ready.
const PAUSE: Duration = Duration::from_secs(1);

impl Runner {
    /// Sends a single request like those of the plan's first run, to see whether the target answers at all. Its
    /// prompt is none of the run's own, and its answer is short; `number` tells one such request from the next.
    ///
    /// It is given up after [`PREFLIGHT_LIMIT`], or earlier where the plan says so.
    ///
    /// # Errors
    ///
    /// When no request can be made. One that fails is no error: the record says so.
    pub async fn preflight(&self, plan: &Plan, number: u64) -> Result<RequestRecord, Error> {
        self.preflight_within(plan, number, PREFLIGHT_LIMIT).await
    }

    /// Returns the request that [`preflight`](Self::preflight) sends, without credentials; `None` where the target cannot
    /// express it.
    ///
    /// # Errors
    ///
    /// When no request can be made.
    pub fn preflight_request(&self, plan: &Plan, number: u64) -> Result<Option<http::Request<Bytes>>, Error> {
        Ok(self.preflight_turn(plan, number)?.and_then(|turn| self.target.encode(&turn.request).ok()))
    }

    /// Sends preflight requests until the target is ready, for `limit` at most, and calls `on_wait` with the failure
    /// before each pause. Returns the last failure where the target is still not ready then.
    ///
    /// A target is not ready while it takes no connection, drops it, answers with status 502, 503, 504 or 529, or does not
    /// answer in time. Any other failure ends the wait: the target is there, and the preflight reports what is wrong.
    ///
    /// # Errors
    ///
    /// When no request can be made.
    pub async fn wait_for_server(
        &self,
        plan: &Plan,
        limit: Duration,
        mut on_wait: impl FnMut(&Failure),
    ) -> Result<Option<Failure>, Error> {
        let began = clock::now();
        loop {
            let left = limit.saturating_sub(clock::now().since(began));
            let record = self.preflight_within(plan, 0, left.min(PREFLIGHT_LIMIT)).await?;
            let Some(failure) = record.failure.filter(is_not_ready) else { return Ok(None) };
            if clock::now().since(began) + PAUSE >= limit {
                return Ok(Some(failure));
            }
            on_wait(&failure);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn preflight_within(
        &self,
        plan: &Plan,
        number: u64,
        limit: Duration,
    ) -> Result<RequestRecord, Error> {
        let mut record = RequestRecord::default();
        if let Some(turn) = self.preflight_turn(plan, number)? {
            record.input = turn.input;
            let request = Some(plan.timeouts.request.map_or(limit, |allowed| allowed.min(limit)));
            let timeouts = Timeouts { request, ..plan.timeouts };
            exchange(&self.target, &turn.request, timeouts, Epoch::start(), &mut record).await;
        }
        Ok(record)
    }

    fn preflight_turn(&self, plan: &Plan, number: u64) -> Result<Option<Turn>, Error> {
        let session = catch_panic("sampler", || workload::preflight(plan, &*self.sampler, number))??;
        Ok(session.and_then(|session| session.turns.into_iter().next()))
    }
}

/// Returns whether a failure is that of a server that may be ready a little later.
fn is_not_ready(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Connect
        | FailureKind::ConnectionLost
        | FailureKind::StaleConnection
        | FailureKind::Unavailable
        | FailureKind::Timeout
        | FailureKind::Stalled => true,
        FailureKind::Status => matches!(failure.status, Some(502 | 504)),
        _ => false,
    }
}
