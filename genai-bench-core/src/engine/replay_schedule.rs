//! Recorded times: each session starts when its workload says, whatever the server does.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::closed_loop::join;
use super::run_state::RunState;
use super::session::{Ended, converse};
use super::shutdown::Phase;
use crate::error::Error;
use crate::record::RequestRecord;
use crate::units::Offset;

/// Starts sessions at their times until there are no more, at most so many in flight, and returns when the last
/// one has ended.
pub(super) async fn run(
    job: &Arc<RunState>,
    at_most: NonZeroU32,
    recorder: &SyncSender<RequestRecord>,
) -> Result<(), Error> {
    let places = Arc::new(Semaphore::new(at_most.get() as usize));
    let mut phase = job.phase.subscribe();
    let mut sessions = JoinSet::new();
    let mut due = Offset::ZERO;
    while let Some(drawn) = job.ahead.next().await {
        // A session that does not say when starts with the one before it.
        due = drawn.arrival.map_or(due, Offset::from_duration);
        let place = loop {
            tokio::select! {
                biased;
                // A session that panicked is noticed at once, however far the next one is.
                Some(ended) = sessions.join_next() => note_ended(job, join(ended)?),
                place = place_at(job, due, &places, &mut phase) => break place,
            }
        };
        let Some(place) = place else { break };
        let (shared, recorder, mut phase) = (Arc::clone(job), recorder.clone(), phase.clone());
        sessions.spawn(async move {
            let ended = converse(&shared, drawn, due, &mut phase, &recorder).await;
            drop(place);
            ended
        });
    }
    job.note_empty_slot();
    while let Some(ended) = sessions.join_next().await {
        join(ended)?;
    }
    Ok(())
}

/// Starts no more sessions when nobody takes traces any more: to go on would measure nothing.
fn note_ended(job: &RunState, ended: Ended) {
    if ended == Ended::Unrecorded {
        job.enter(Phase::Draining);
    }
}

/// A place for a session, when its time has come and one is free; `None` when the run starts no more.
async fn place_at(
    job: &RunState,
    due: Offset,
    places: &Arc<Semaphore>,
    phase: &mut watch::Receiver<Phase>,
) -> Option<OwnedSemaphorePermit> {
    let place = async {
        if due > job.epoch.now() {
            tokio::time::sleep_until(job.epoch.instant_at(due).into_tokio()).await;
        }
        Arc::clone(places).acquire_owned().await.ok()
    };
    tokio::select! {
        biased;
        _ = phase.wait_for(|it| *it != Phase::Sending) => None,
        place = place => place,
    }
}
