//! One request, one response, every stamp: the only loop that sees arriving bytes.

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

/// How much of an unsuccessful response is read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// Carries out one request and records it in `record`.
///
/// Encoding and credentials come before the clock starts. Between `sent` and the end nothing is drawn, serialised
/// or written, and nothing is sent again. The future may be dropped at any time: `record` then holds what was observed
/// until that moment. Texts of the server that repeat a credential have stars in its place in any case.
pub async fn exchange(
    target: &Target,
    request: &Request,
    patience: Timeouts,
    epoch: Epoch,
    record: &mut RequestRecord,
) {
    let wire = target.encode(request);
    let exchange =
        Exchange { target, patience, retry: Retry::default(), epoch, activity: &LiveCounts::default() };
    let redacting = RedactedOnDrop(record);
    exchange.carry_out(request, wire, redacting.0).await;
    redacting.0.forget_what_was_counted();
}

/// A record in which credentials are hidden as soon as its exchange is over, or is given up.
struct RedactedOnDrop<'a>(&'a mut RequestRecord);

impl Drop for RedactedOnDrop<'_> {
    fn drop(&mut self) {
        self.0.hide_credentials();
    }
}

/// The circumstances of the requests of one run.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) target: &'a Target,
    pub(crate) patience: Timeouts,
    pub(crate) retry: Retry,
    pub(crate) epoch: Epoch,
    pub(crate) activity: &'a LiveCounts,
}

impl Exchange<'_> {
    /// Carries out a request that has been encoded before, and sends it again where that was asked for. What was
    /// said stays in `record`.
    pub(crate) async fn carry_out(
        self,
        request: &Request,
        wire: Result<http::Request<Bytes>, Unsupported>,
        record: &mut RequestRecord,
    ) {
        record.max_output_tokens = self.target.output_limit.or(request.output().limit());
        let mut next = wire.map_err(|it| not_sent(&it));
        record.failure = loop {
            let wire = match next {
                Ok(wire) => wire,
                Err(failure) => break Some(failure),
            };
            let again = self.retry.has_more_than(record).then(|| wire.clone());
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

    /// Ends an exchange whose future was dropped: an answer that was complete already stays one, and its body was left
    /// open; any other is cancelled.
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

    /// One attempt: credentials, of which nothing is timed, and then the exchange itself.
    async fn attempt(
        self,
        request: &Request,
        mut wire: http::Request<Bytes>,
        record: &mut RequestRecord,
    ) -> Result<(), Failure> {
        self.target.auth.authorize(&mut wire).await.map_err(|it| not_sent(&it))?;
        // Texts are searched for them where they are kept, which is on another thread.
        record.credentials = SentCredentials::from_headers(wire.headers());
        let outcome = self.send(request, wire, record).await;
        let failure = record.failure.take().or(outcome.err());
        answer_limits::settle(record, failure.as_ref(), self.activity);
        failure.map_or(Ok(()), |failure| Err(record.credentials.hidden_in(failure)))
    }

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
        record.sends(epoch.offset_of(called), epoch.offset_of(called));
        let mut vigil = Deadline::from(called, self.patience, activity);
        let answer = vigil.keep(target.transport.send(wire)).await??;
        let head = clock::now();
        vigil.heard(head);
        record.head = Some(epoch.offset_of(head));
        record.sends(epoch.offset_of(called), epoch.offset_of(answer.written.unwrap_or(called)));
        record.connection = Some(answer.connection);
        record.status = Some(answer.head.status.as_u16());

        if !answer.head.status.is_success() {
            let body = error_body(answer.body, &mut vigil, record).await;
            return Err(refusal::read(&*target.backend, &answer.head, &body, &uri));
        }
        if let Some(coding) = refusal::coding_of(&answer.head) {
            return Err(refusal::compressed(coding));
        }
        let decoder = target.backend.decoder(request, &answer.head);
        self.receive(answer.body, decoder, vigil, in_flight, record).await
    }

    /// Reads the body of a good response to its end, or to the end of the answer in it.
    async fn receive(
        self,
        mut body: ChunkStream,
        mut decoder: Box<dyn Decoder>,
        mut vigil: Deadline<'_>,
        in_flight: InFlight<'_>,
        record: &mut RequestRecord,
    ) -> Result<(), Failure> {
        let mut opening = BodyStart::default();
        while let Some((chunk, arrived)) = next_chunk(&mut body, &mut vigil).await? {
            record.chunks += 1;
            record.body_bytes += chunk.bytes.len() as u64;
            let arrivals = record.arrivals.len();
            if arrivals == 0 {
                opening.extend(&chunk.bytes);
            }
            let at = self.epoch.offset_of(arrived);
            let decoded = decoder.decode(&chunk.bytes, &mut Events::new(at, record));
            decoded.map_err(|error| opening.failure(error, record, &chunk.bytes))?;
            let pieces = record.arrivals[arrivals..].iter().map(|it| u64::from(it.pieces)).sum();
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
        drop((vigil, in_flight));
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

fn not_sent(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::NotSent, why.to_string())
}

/// The next chunk and its arrival, read before anyone looks at the bytes.
async fn next_chunk(
    body: &mut ChunkStream,
    vigil: &mut Deadline<'_>,
) -> Result<Option<(Chunk, Instant)>, Failure> {
    let next = vigil.keep(body.next()).await?;
    let now = clock::now();
    vigil.heard(now);
    let Some(chunk) = next.transpose()? else { return Ok(None) };
    let arrived = chunk.arrived.unwrap_or(now);
    Ok(Some((chunk, arrived)))
}

/// As much of the body of an unsuccessful response as can be had.
async fn error_body(mut body: ChunkStream, vigil: &mut Deadline<'_>, record: &mut RequestRecord) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some((chunk, _))) = next_chunk(&mut body, vigil).await {
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
