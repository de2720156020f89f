//! The wait for the end of a response body after a complete answer.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};

use super::{LiveCounts, answer_limits};
use crate::backend::Decoder;
use crate::backend::Events;
use crate::record::RequestRecord;
use crate::transport::ChunkStream;
use crate::units::Offset;

/// The maximum time to wait for the end of a body after the provider has declared the answer complete.
///
/// A connection can carry the next request only after the body has been read to its end. The end arrives with the end
/// mark or right behind it; a server that writes the two separately may wait up to 40 ms in between, for the TCP
/// acknowledgement of the first.
pub(crate) const GRACE: Duration = Duration::from_millis(100);
/// The number of bodies left open, if none has ended, after which the end of further bodies is not waited for.
pub(crate) const ENOUGH_LEFT_OPEN: u64 = 3;

/// Waits up to [`GRACE`] for the end of `body`, and records whether it arrived. For a server that leaves every body
/// open, this happens a few times only: the slot is idle in the meantime.
///
/// Bytes that arrive in that time are decoded with the timestamp of the end: some servers send counts behind their
/// end mark. They cannot make the answer fail.
pub(super) async fn settle(
    mut body: ChunkStream,
    decoder: &mut dyn Decoder,
    activity: &LiveCounts,
    record: &mut RequestRecord,
) {
    let end = record.completed.unwrap_or_default();
    let is_waited_for = !activity.leaves_bodies_open(ENOUGH_LEFT_OPEN);
    let rest = read_on(&mut body, decoder, end, record, activity);
    let has_ended = if is_waited_for {
        tokio::time::timeout(GRACE, rest).await.unwrap_or(false)
    } else {
        rest.now_or_never().unwrap_or(false)
    };
    activity.body_ended(has_ended);
    record.body_left_open = !has_ended;
    record.failure = None;
}

/// Decodes the rest of `body`. Returns `false` if the connection breaks before its end, or if it exceeds a size limit.
async fn read_on(
    body: &mut ChunkStream,
    decoder: &mut dyn Decoder,
    end: Offset,
    record: &mut RequestRecord,
    activity: &LiveCounts,
) -> bool {
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else { return false };
        record.chunks += 1;
        record.body_bytes += chunk.bytes.len() as u64;
        if decoder.decode(&chunk.bytes, &mut Events::new(end, record)).is_err() {
            return false;
        }
        if answer_limits::check(record, decoder.buffered_bytes(), activity).is_err() {
            return false;
        }
    }
    true
}
