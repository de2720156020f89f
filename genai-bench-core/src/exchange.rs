//! The exchange of one request and its response: the only loop that receives and timestamps bytes.

use bytes::Bytes;
use futures_util::StreamExt;

use crate::backend::Events;
use crate::backend::{Decoder, Unsupported};
use crate::clock::{self, Epoch, Instant};
use crate::failure::{Failure, FailureKind};
use crate::record::{RequestRecord, SentCredentials};
use crate::request::Request;
use crate::target::Target;
use crate::transport::{Chunk, ChunkStream};

mod answer_check;
mod answer_limits;
mod body_end;
mod body_start;
mod live_counts;
mod refusal;
mod retry;
mod timeouts;

pub(crate) use answer_limits::MOST_TEXT_BYTES;
pub(crate) use body_end::{ENOUGH_LEFT_OPEN, GRACE};
use body_start::BodyStart;
use live_counts::InFlight;
pub(crate) use live_counts::LiveCounts;
pub use retry::Retry;
use timeouts::Deadline;
pub use timeouts::Timeouts;

/// The maximum number of bytes that are read of an unsuccessful response.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// Sends one request and records its response in `record`.
///
/// Encoding and authorization happen before the clock starts. Between `sent` and the end nothing is sampled,
/// serialized or written, and there are no retries. The future may be dropped at any time: `record` then holds the
/// observations so far. Credentials in texts of the server are always replaced by stars.
pub async fn exchange(
    target: &Target,
    request: &Request,
    timeouts: Timeouts,
    epoch: Epoch,
    record: &mut RequestRecord,
) {
    let wire = target.encode(request);
    let exchange =
        Exchange { target, timeouts, retry: Retry::default(), epoch, activity: &LiveCounts::default() };
    let redacting = RedactedOnDrop(record);
    exchange.carry_out(request, wire, redacting.0).await;
    redacting.0.drop_counted_text();
}

/// A guard that redacts credentials from a record when its exchange ends or is dropped.
struct RedactedOnDrop<'a>(&'a mut RequestRecord);

impl Drop for RedactedOnDrop<'_> {
    fn drop(&mut self) {
        self.0.hide_credentials();
    }
}

/// The settings and counters that all requests of a run share.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) target: &'a Target,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Retry,
    pub(crate) epoch: Epoch,
    pub(crate) activity: &'a LiveCounts,
}

impl Exchange<'_> {
    /// Sends an encoded request, with retries if they are configured. The text of the answer stays in `record`.
    pub(crate) async fn carry_out(
        self,
        request: &Request,
        wire: Result<http::Request<Bytes>, Unsupported>,
        record: &mut RequestRecord,
    ) {
        record.max_output_tokens = self.target.output_limit.or(request.output().limit());
        let mut next = wire.map_err(|error| not_sent(&error));
        record.failure = loop {
            let wire = match next {
                Ok(wire) => wire,
                Err(failure) => break Some(failure),
            };
            let again = self.retry.allows_retry_of(record).then(|| wire.clone());
            let Err(failure) = self.attempt(request, wire, record).await else { break None };
            let Some((wire, pause)) = again.zip(self.retry.pause_after(&failure, record)) else {
                break Some(failure);
            };
            let ended = record.end(self.epoch.now());
            record.begin_again(failure, ended);
            tokio::time::sleep(pause).await;
            next = Ok(wire);
        };
        record.ended = record.end(self.epoch.now());
    }

    /// Ends an exchange whose future was dropped: a complete answer stays one, with its body left open; any other is
    /// cancelled.
    pub(crate) fn give_up(self, record: &mut RequestRecord) {
        let is_complete = record.completed.is_some();
        record.ended = record.end(self.epoch.now());
        record.body_left_open = is_complete;
        let failure = if is_complete {
            answer_check::check_answer(record, &BodyStart::default()).err()
        } else {
            Some(Failure::cancelled())
        };
        record.failure = failure.map(|failure| record.credentials.hidden_in(failure));
    }

    /// Makes one attempt: authorizes the request, which is not timed, and sends it.
    async fn attempt(
        self,
        request: &Request,
        mut wire: http::Request<Bytes>,
        record: &mut RequestRecord,
    ) -> Result<(), Failure> {
        self.target.auth.authorize(&mut wire).await.map_err(|error| not_sent(&error))?;
        // Texts are searched for credentials on the thread that records them.
        record.credentials = SentCredentials::from_headers(wire.headers());
        let outcome = self.send(request, wire, record).await;
        let failure = record.failure.take().or(outcome.err());
        answer_limits::settle(record, failure.as_ref(), self.activity);
        failure.map_or(Ok(()), |failure| Err(record.credentials.hidden_in(failure)))
    }

    /// Sends an authorized request and receives its response.
    async fn send(
        self,
        request: &Request,
        wire: http::Request<Bytes>,
        record: &mut RequestRecord,
    ) -> Result<(), Failure> {
        let Self { target, epoch, activity, .. } = self;
        let uri = wire.uri().clone();
        let called = clock::now();
        let in_flight = activity.begin(called);
        record.record_send(epoch.offset_of(called), epoch.offset_of(called));
        let mut deadline = Deadline::new(called, self.timeouts, activity);
        let answer = deadline.run(target.transport.send(wire)).await??;
        let head = clock::now();
        deadline.record_activity(head);
        record.head = Some(epoch.offset_of(head));
        record.record_send(epoch.offset_of(called), epoch.offset_of(answer.written.unwrap_or(called)));
        record.connection = Some(answer.connection);
        record.status = Some(answer.head.status.as_u16());

        if !answer.head.status.is_success() {
            let body = error_body(answer.body, &mut deadline, record).await;
            return Err(refusal::read(&*target.backend, &answer.head, &body, &uri));
        }
        if let Some(coding) = refusal::coding_of(&answer.head) {
            return Err(refusal::compressed(coding));
        }
        let decoder = target.backend.decoder(request, &answer.head);
        self.receive(answer.body, decoder, deadline, in_flight, record).await
    }

    /// Reads the body of a successful response to its end, or to the end of the answer in it.
    async fn receive(
        self,
        mut body: ChunkStream,
        mut decoder: Box<dyn Decoder>,
        mut deadline: Deadline<'_>,
        in_flight: InFlight<'_>,
        record: &mut RequestRecord,
    ) -> Result<(), Failure> {
        let mut opening = BodyStart::default();
        while let Some((chunk, arrived)) = next_chunk(&mut body, &mut deadline).await? {
            record.chunks += 1;
            record.body_bytes += chunk.bytes.len() as u64;
            let arrivals = record.arrivals.len();
            if arrivals == 0 {
                opening.extend(&chunk.bytes);
            }
            let at = self.epoch.offset_of(arrived);
            let decoded = decoder.decode(&chunk.bytes, &mut Events::new(at, record));
            decoded.map_err(|error| opening.failure(error, record, &chunk.bytes))?;
            let pieces = record.arrivals[arrivals..].iter().map(|arrival| u64::from(arrival.pieces)).sum();
            self.activity.add_pieces(pieces);
            if record.failure.is_some() {
                return Ok(());
            }
            answer_limits::check(record, decoder.buffered_bytes(), self.activity)?;
            if decoder.is_complete() {
                record.completed = Some(at);
                break;
            }
        }
        drop((deadline, in_flight));
        if record.completed.is_some() {
            body_end::settle(body, &mut *decoder, self.activity, record).await;
        }
        let end = record.completed.unwrap_or_else(|| self.epoch.now());
        let finished = decoder.finish(&mut Events::new(end, record));
        finished.map_err(|error| opening.failure(error, record, &[]))?;
        if record.completed.is_none() {
            answer_limits::check(record, 0, self.activity)?;
        }
        answer_check::check_answer(record, &opening)
    }
}

/// Returns the failure of a request that could not be encoded or authorized.
fn not_sent(cause: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::NotSent, cause.to_string())
}

/// Returns the next chunk and its arrival, which is read before the bytes are decoded.
async fn next_chunk(
    body: &mut ChunkStream,
    deadline: &mut Deadline<'_>,
) -> Result<Option<(Chunk, Instant)>, Failure> {
    let next = deadline.run(body.next()).await?;
    let now = clock::now();
    deadline.record_activity(now);
    let Some(chunk) = next.transpose()? else { return Ok(None) };
    let arrived = chunk.arrived.unwrap_or(now);
    Ok(Some((chunk, arrived)))
}

/// Reads the body of an unsuccessful response, up to [`LONGEST_ERROR_BODY`] bytes.
async fn error_body(
    mut body: ChunkStream,
    deadline: &mut Deadline<'_>,
    record: &mut RequestRecord,
) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some((chunk, _))) = next_chunk(&mut body, deadline).await {
        record.chunks += 1;
        record.body_bytes += chunk.bytes.len() as u64;
        let room = LONGEST_ERROR_BODY - read.len();
        read.extend_from_slice(&chunk.bytes[..chunk.bytes.len().min(room)]);
        if read.len() == LONGEST_ERROR_BODY {
            break;
        }
    }
    read
}
