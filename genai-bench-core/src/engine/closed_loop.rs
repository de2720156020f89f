//! The closed loop: a fixed number of slots, each of which starts its next session when the last one has ended.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use super::run_state::RunState;
use super::session::{SessionEnd, run_session};
use super::shutdown::Phase;
use crate::error::Error;
use crate::record::RequestRecord;
use crate::units::Offset;

/// The pause of a slot after the first refused request; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause of a slot.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Keeps `concurrency` sessions in flight until the limit, and returns when the last one has ended.
pub(super) async fn run(
    state: &Arc<RunState>,
    concurrency: NonZeroU32,
    recorder: &SyncSender<RequestRecord>,
) -> Result<(), Error> {
    let mut slots = JoinSet::new();
    for number in 0..concurrency.get() {
        slots.spawn(run_slot(Arc::clone(state), number, recorder.clone()));
    }
    while let Some(joined) = slots.join_next().await {
        join_result(joined)?;
    }
    Ok(())
}

/// Returns the result of a task that sends requests.
///
/// # Errors
///
/// When the task panicked in a backend, an auth provider or a transport: results with less load than the plan has
/// would be wrong.
pub(super) fn join_result<T>(joined: Result<T, JoinError>) -> Result<T, Error> {
    const PART: &str = "sending of requests";
    joined.map_err(|error| match error.try_into_panic() {
        Ok(payload) => Error::panicked(PART, &*payload),
        Err(_) => Error::Lost(PART),
    })
}

/// Runs one session after the other, from the time at which the slot opens until the run starts no more.
async fn run_slot(state: Arc<RunState>, number: u32, recorder: SyncSender<RequestRecord>) {
    let mut phase = state.phase.subscribe();
    let opens = state.epoch.instant_at(Offset::from_duration(state.ramp.opens(number))).into_tokio();
    tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase != Phase::Sending) => return,
        () = tokio::time::sleep_until(opens) => {}
    }
    let mut pause = FIRST_PAUSE;
    while state.is_sending() {
        let due = state.epoch.now();
        let Some(session) = state.prefetcher.next().await else { break };
        match run_session(&state, session, due, &mut phase, &recorder).await {
            SessionEnd::Answered => {
                pause = FIRST_PAUSE;
                continue;
            }
            SessionEnd::Failed => continue,
            SessionEnd::Refused => {}
            SessionEnd::Stopped | SessionEnd::RecorderGone => break,
        }
        // A server that is down or refuses everything fails at once: without a pause the loop would spin.
        tokio::select! {
            _ = phase.wait_for(|phase| *phase != Phase::Sending) => break,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
    state.note_empty_slot();
}
