//! The queue of finished requests to the recorder, which never blocks the thread that takes the time stamps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use crate::clock;
use crate::metrics::ClientHealth;
use crate::record::RequestRecord;

/// The time between two attempts to send a record while the queue is full.
const PAUSE: Duration = Duration::from_millis(1);

/// The counts of waits for a recorder that is slower than the run.
#[derive(Debug, Default)]
pub(super) struct RecorderQueue {
    waits: AtomicU64,
    wait_ns: AtomicU64,
}

/// The error of a record that was not sent because the recorder has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecorderGone;

impl RecorderQueue {
    /// Sends `record` to the recorder. While the queue is full, the slot waits without blocking its thread.
    pub(super) async fn send(
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

    /// Writes the number and the total length of the waits to `health`.
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
    async fn the_wait_of_a_slot_for_a_full_queue_is_counted() {
        let queue = RecorderQueue::default();
        let (recorder, received) = sync_channel(1);
        queue.send(RequestRecord::default(), &recorder).await.unwrap();
        let make_room = async {
            tokio::time::sleep(Duration::from_micros(4_500)).await;
            received.recv().unwrap();
        };
        let (sent, ()) = tokio::join!(queue.send(RequestRecord::default(), &recorder), make_room);
        assert_eq!(sent, Ok(()));
        let mut health = ClientHealth::default();
        queue.report(&mut health);
        assert_eq!((health.recorder_waits, health.recorder_wait_ns), (1, 5_000_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_does_not_wait_for_a_recorder_that_has_ended() {
        let queue = RecorderQueue::default();
        let (recorder, received) = sync_channel(1);
        queue.send(RequestRecord::default(), &recorder).await.unwrap();
        let end_recorder = async {
            tokio::time::sleep(PAUSE).await;
            drop(received);
        };
        let (sent, ()) = tokio::join!(queue.send(RequestRecord::default(), &recorder), end_recorder);
        assert_eq!(sent, Err(RecorderGone));
        assert_eq!(queue.send(RequestRecord::default(), &recorder).await, Err(RecorderGone));
    }
}
