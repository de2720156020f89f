//! Closed loop: so many sessions at a time, each slot sending the next when its last one has been answered.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use super::run_state::RunState;
use super::session::{Ended, converse};
use super::shutdown::Phase;
use crate::error::Error;
use crate::record::RequestRecord;
use crate::units::Offset;

/// The pause of a slot after a first request of which nothing was answered; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// How long it waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Keeps `concurrency` sessions in flight until the limit, and returns when the last one has ended.
pub(super) async fn run(
    job: &Arc<RunState>,
    concurrency: NonZeroU32,
    recorder: &SyncSender<RequestRecord>,
) -> Result<(), Error> {
    let mut slots = JoinSet::new();
    for number in 0..concurrency.get() {
        slots.spawn(slot(Arc::clone(job), number, recorder.clone()));
    }
    while let Some(ended) = slots.join_next().await {
        join(ended)?;
    }
    Ok(())
}

/// Returns the result of a task that sends requests.
///
/// # Errors
///
/// When it panicked in a backend, an auth provider or a transport: with less load than was asked for there is
/// nothing to report.
pub(super) fn join<T>(ended: Result<T, JoinError>) -> Result<T, Error> {
    const PART: &str = "sending of requests";
    ended.map_err(|error| match error.try_into_panic() {
        Ok(payload) => Error::panicked(PART, &*payload),
        Err(_) => Error::Lost(PART),
    })
}

/// One of the places that a session can be in.
async fn slot(job: Arc<RunState>, number: u32, recorder: SyncSender<RequestRecord>) {
    let mut phase = job.phase.subscribe();
    let opens = job.epoch.instant_at(Offset::from_duration(job.ramp.opens(number))).into_tokio();
    tokio::select! {
        biased;
        _ = phase.wait_for(|it| *it != Phase::Sending) => return,
        () = tokio::time::sleep_until(opens) => {}
    }
    let mut pause = FIRST_PAUSE;
    while job.is_sending() {
        let due = job.epoch.now();
        let Some(drawn) = job.ahead.next().await else { break };
        match converse(&job, drawn, due, &mut phase, &recorder).await {
            Ended::Answered => {
                pause = FIRST_PAUSE;
                continue;
            }
            Ended::Failed => continue,
            Ended::Refused => {}
            Ended::NoMore | Ended::Unrecorded => break,
        }
        // A server that is down or refuses everything is not asked as fast as the loop can spin.
        tokio::select! {
            _ = phase.wait_for(|it| *it != Phase::Sending) => break,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
    job.note_empty_slot();
}
