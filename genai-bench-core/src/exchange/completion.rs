//! The wait for the end of a body whose answer is complete.

use std::time::Duration;

use futures_util::StreamExt;

use crate::backend::Decoder;
use crate::clock::{self, Epoch};
use crate::event::Events;
use crate::trace::Trace;
use crate::transport::ChunkStream;

/// How long the end of a body is waited for after the provider has declared the answer complete.
///
/// A connection can carry the next request only when the body has been read to its end, and that comes with the end mark
/// or right behind it. Longer than the pauses of a busy server or proxy between two writes, and short beside an answer.
pub(crate) const GRACE: Duration = Duration::from_millis(50);

/// Waits for the end of `body` for [`GRACE`], and notes in `trace` if it did not come. What comes in that time is
/// decoded: some servers send counts behind their end mark. Nothing of it can make the answer fail.
pub(super) async fn settle(
    mut body: ChunkStream,
    decoder: &mut dyn Decoder,
    epoch: Epoch,
    trace: &mut Trace,
) {
    let has_ended = async {
        while let Some(chunk) = body.next().await {
            let Ok(chunk) = chunk else { return false };
            let arrived = chunk.arrived.unwrap_or_else(clock::now);
            trace.chunks += 1;
            trace.body_bytes += chunk.bytes.len() as u64;
            let mut events = Events::arriving(epoch.offset_of(arrived), trace);
            if decoder.decode(&chunk.bytes, &mut events).is_err() {
                return false;
            }
        }
        true
    };
    let has_ended = tokio::time::timeout(GRACE, has_ended).await;
    trace.body_left_open = !has_ended.unwrap_or(false);
    trace.failure = None;
}
