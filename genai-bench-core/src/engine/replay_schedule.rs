//! The replay of recorded times: each session starts at its recorded time, independent of the server.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::closed_loop::join_result;
use super::run_state::RunState;
use super::session::{SessionEnd, run_session};
use super::shutdown::Phase;
use crate::error::Error;
use crate::record::RequestRecord;
use crate::units::Offset;

/// Starts sessions at their times until there are no more, with at most `max_in_flight` in flight, and returns when
/// the last one has ended.
pub(super) async fn run(
    state: &Arc<RunState>,
    max_in_flight: NonZeroU32,
    recorder: &SyncSender<RequestRecord>,
) -> Result<(), Error> {
    let slots = Arc::new(Semaphore::new(max_in_flight.get() as usize));
    let mut phase = state.phase.subscribe();
    let mut sessions = JoinSet::new();
    let mut due = Offset::ZERO;
    while let Some(session) = state.prefetcher.next().await {
        // A session without a time starts with the one before it.
        due = session.arrival.map_or(due, Offset::from_duration);
        let slot = loop {
            tokio::select! {
                biased;
                // The panic of a session ends the run at once, even if the next session is due much later.
                Some(joined) = sessions.join_next() => handle_end(state, join_result(joined)?),
                slot = slot_at(state, due, &slots, &mut phase) => break slot,
            }
        };
        let Some(slot) = slot else { break };
        let (state, recorder, mut phase) = (Arc::clone(state), recorder.clone(), phase.clone());
        sessions.spawn(async move {
            let end = run_session(&state, session, due, &mut phase, &recorder).await;
            drop(slot);
            end
        });
    }
    state.note_empty_slot();
    while let Some(joined) = sessions.join_next().await {
        join_result(joined)?;
    }
    Ok(())
}

/// Stops the start of sessions when the recorder has ended: further requests would not be recorded.
fn handle_end(state: &RunState, end: SessionEnd) {
    if end == SessionEnd::RecorderGone {
        state.enter(Phase::Draining);
    }
}

/// Waits until `due` and for a free slot, and returns the slot; `None` when the run starts no more sessions.
async fn slot_at(
    state: &RunState,
    due: Offset,
    slots: &Arc<Semaphore>,
    phase: &mut watch::Receiver<Phase>,
) -> Option<OwnedSemaphorePermit> {
    let free_slot = async {
        if due > state.epoch.now() {
            tokio::time::sleep_until(state.epoch.instant_at(due).into_tokio()).await;
        }
        Arc::clone(slots).acquire_owned().await.ok()
    };
    tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase != Phase::Sending) => None,
        slot = free_slot => slot,
    }
}
