//! The way of finished requests to the recorder, which never holds up the thread that stamps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use crate::clock;
use crate::metrics::ClientHealth;
use crate::record::RequestRecord;

/// The time between two attempts to hand over a record while the recorder has no room.
const PAUSE: Duration = Duration::from_millis(1);

/// The waits of slots for a recorder that is slower than the run.
#[derive(Debug, Default)]
pub(super) struct RecorderQueue {
    waits: AtomicU64,
    wait_ns: AtomicU64,
}

/// The recorder is gone: it takes no more records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecorderGone;

impl RecorderQueue {
    /// Hands `record` to the recorder. While the recorder has no room, the slot waits and the thread goes on.
    pub(super) async fn hand_over(
        &self,
        record: RequestRecord,
        recorder: &SyncSender<RequestRecord>,
    ) -> Result<(), RecorderGone> {
        let mut rejected = match recorder.try_send(record) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Disconnected(_)) => return Err(RecorderGone),
            Err(TrySendError::Full(record)) => record,
        };
        let began = clock::now();
        self.waits.fetch_add(1, Ordering::Relaxed);
        loop {
            tokio::time::sleep(PAUSE).await;
            match recorder.try_send(rejected) {
                Err(TrySendError::Full(record)) => rejected = record,
                result => {
                    let waited = u64::try_from(clock::now().since(began).as_nanos()).unwrap_or(u64::MAX);
                    self.wait_ns.fetch_add(waited, Ordering::Relaxed);
                    return result.map_err(|_| RecorderGone);
                }
            }
        }
    }

    /// Reports how often and how long slots have waited.
    pub(super) fn report(&self, health: &mut ClientHealth) {
        health.recorder_waits = self.waits.load(Ordering::Relaxed);
        health.recorder_wait_ns = self.wait_ns.load(Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slot_waits_for_a_recorder_that_is_full_and_the_wait_is_counted() {
        let handover = RecorderQueue::default();
        let (recorder, received) = sync_channel(1);
        handover.hand_over(RequestRecord::default(), &recorder).await.unwrap();
        let makes_room = async {
            tokio::time::sleep(Duration::from_micros(4_500)).await;
            received.recv().unwrap();
        };
        let (handed, ()) = tokio::join!(handover.hand_over(RequestRecord::default(), &recorder), makes_room);
        assert_eq!(handed, Ok(()));
        let mut health = ClientHealth::default();
        handover.report(&mut health);
        assert_eq!((health.recorder_waits, health.recorder_wait_ns), (1, 5_000_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_does_not_wait_for_a_recorder_that_is_gone() {
        let handover = RecorderQueue::default();
        let (recorder, received) = sync_channel(1);
        handover.hand_over(RequestRecord::default(), &recorder).await.unwrap();
        let goes = async {
            tokio::time::sleep(PAUSE).await;
            drop(received);
        };
        let (handed, ()) = tokio::join!(handover.hand_over(RequestRecord::default(), &recorder), goes);
        assert_eq!(handed, Err(RecorderGone));
        assert_eq!(handover.hand_over(RequestRecord::default(), &recorder).await, Err(RecorderGone));
    }
}
