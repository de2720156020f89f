//! One request, one response, every stamp: the only loop that sees arriving bytes.

use bytes::Bytes;
use futures_util::StreamExt;

use crate::backend::{Decoder, Unsupported};
use crate::clock::{self, Epoch, Instant};
use crate::event::Events;
use crate::failure::{Failure, FailureKind};
use crate::request::Request;
use crate::target::Target;
use crate::trace::{SentCredentials, Trace};
use crate::transport::{Chunk, ChunkStream};

mod activity;
mod answer_limits;
mod completion;
mod opening;
mod outcome;
mod patience;
mod refusal;
mod retry;

pub(crate) use activity::Activity;
use activity::InFlight;
pub(crate) use answer_limits::{MOST_ARRIVALS, MOST_TEXT_BYTES};
pub(crate) use completion::{ENOUGH_LEFT_OPEN, GRACE};
use opening::Opening;
pub use patience::Patience;
use patience::Vigil;
pub use retry::Retry;

/// How much of an unsuccessful response is read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// Carries out one request and records it in `trace`.
///
/// Encoding and credentials come before the clock starts. Between `sent` and the end nothing is drawn, serialised
/// or written, and nothing is sent again. The future may be dropped at any time: `trace` then holds what was observed
/// until that moment. Texts of the server that repeat a credential have stars in its place in any case.
pub async fn exchange(
    target: &Target,
    request: &Request,
    patience: Patience,
    epoch: Epoch,
    trace: &mut Trace,
) {
    let wire = target.encode(request);
    let exchange =
        Exchange { target, patience, retry: Retry::default(), epoch, activity: &Activity::default() };
    let redacting = RedactedOnDrop(trace);
    exchange.carry_out(request, wire, redacting.0).await;
    redacting.0.forget_what_was_counted();
}

/// A record in which credentials are hidden as soon as its exchange is over, or is given up.
struct RedactedOnDrop<'a>(&'a mut Trace);

impl Drop for RedactedOnDrop<'_> {
    fn drop(&mut self) {
        self.0.hide_credentials();
    }
}

/// The circumstances of the requests of one run.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) target: &'a Target,
    pub(crate) patience: Patience,
    pub(crate) retry: Retry,
    pub(crate) epoch: Epoch,
    pub(crate) activity: &'a Activity,
}

impl Exchange<'_> {
    /// Carries out a request that has been encoded before, and sends it again where that was asked for. What was
    /// said stays in `trace`.
    pub(crate) async fn carry_out(
        self,
        request: &Request,
        wire: Result<http::Request<Bytes>, Unsupported>,
        trace: &mut Trace,
    ) {
        trace.wanted = self.target.output_limit.or(request.output().limit());
        let mut next = wire.map_err(|it| not_sent(&it));
        trace.failure = loop {
            let wire = match next {
                Ok(wire) => wire,
                Err(failure) => break Some(failure),
            };
            let again = self.retry.has_more_than(trace).then(|| wire.clone());
            let Err(failure) = self.attempt(request, wire, trace).await else { break None };
            let Some((wire, pause)) = again.zip(self.retry.pause_after(&failure, trace)) else {
                break Some(failure);
            };
            let ended = trace.end(self.epoch.now());
            trace.begin_again(failure, ended);
            tokio::time::sleep(pause).await;
            next = Ok(wire);
        };
        trace.ended = trace.end(self.epoch.now());
    }

    /// Ends an exchange whose future was dropped: an answer that was complete already stays one, and its body was left
    /// open; any other is cancelled.
    pub(crate) fn give_up(self, trace: &mut Trace) {
        let is_complete = trace.completed.is_some();
        trace.ended = trace.end(self.epoch.now());
        trace.body_left_open = is_complete;
        let failure = if is_complete {
            outcome::check_answer(trace, &Opening::default()).err()
        } else {
            Some(Failure::cancelled())
        };
        trace.failure = failure.map(|failure| trace.credentials.hidden_in(failure));
    }

    /// One attempt: credentials, of which nothing is timed, and then the exchange itself.
    async fn attempt(
        self,
        request: &Request,
        mut wire: http::Request<Bytes>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        self.target.auth.authorize(&mut wire).await.map_err(|it| not_sent(&it))?;
        // Texts are searched for them where they are kept, which is on another thread.
        trace.credentials = SentCredentials::from_headers(wire.headers());
        let outcome = self.send(request, wire, trace).await;
        let failure = trace.failure.take().or(outcome.err());
        answer_limits::settle(trace, failure.as_ref(), self.activity);
        failure.map_or(Ok(()), |failure| Err(trace.credentials.hidden_in(failure)))
    }

    async fn send(
        self,
        request: &Request,
        wire: http::Request<Bytes>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let Self { target, epoch, activity, .. } = self;
        let uri = wire.uri().clone();
        let called = clock::now();
        let in_flight = activity.begin(called);
        trace.sends(epoch.offset_of(called), epoch.offset_of(called));
        let mut vigil = Vigil::from(called, self.patience, activity);
        let answer = vigil.keep(target.transport.send(wire)).await??;
        let head = clock::now();
        vigil.heard(head);
        trace.head = Some(epoch.offset_of(head));
        trace.sends(epoch.offset_of(called), epoch.offset_of(answer.written.unwrap_or(called)));
        trace.connection = Some(answer.connection);
        trace.status = Some(answer.head.status.as_u16());

        if !answer.head.status.is_success() {
            let body = error_body(answer.body, &mut vigil, trace).await;
            return Err(refusal::read(&*target.backend, &answer.head, &body, &uri));
        }
        if let Some(coding) = refusal::coding_of(&answer.head) {
            return Err(refusal::compressed(coding));
        }
        let decoder = target.backend.decoder(request, &answer.head);
        self.receive(answer.body, decoder, vigil, in_flight, trace).await
    }

    /// Reads the body of a good response to its end, or to the end of the answer in it.
    async fn receive(
        self,
        mut body: ChunkStream,
        mut decoder: Box<dyn Decoder>,
        mut vigil: Vigil<'_>,
        in_flight: InFlight<'_>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let mut opening = Opening::default();
        while let Some((chunk, arrived)) = next_chunk(&mut body, &mut vigil).await? {
            trace.chunks += 1;
            trace.body_bytes += chunk.bytes.len() as u64;
            let arrivals = trace.arrivals.len();
            if arrivals == 0 {
                opening.extend(&chunk.bytes);
            }
            let at = self.epoch.offset_of(arrived);
            let decoded = decoder.decode(&chunk.bytes, &mut Events::arriving(at, trace));
            decoded.map_err(|error| opening.failure(error, trace, &chunk.bytes))?;
            let pieces = trace.arrivals[arrivals..].iter().map(|it| u64::from(it.pieces)).sum();
            self.activity.add_pieces(pieces);
            if trace.failure.is_some() {
                return Ok(());
            }
            answer_limits::check(trace, decoder.buffered_bytes(), self.activity)?;
            if decoder.is_complete() {
                trace.completed = Some(at);
                break;
            }
        }
        drop((vigil, in_flight));
        if trace.completed.is_some() {
            completion::settle(body, &mut *decoder, self.activity, trace).await;
        }
        let end = trace.completed.unwrap_or_else(|| self.epoch.now());
        let finished = decoder.finish(&mut Events::arriving(end, trace));
        finished.map_err(|error| opening.failure(error, trace, &[]))?;
        if trace.completed.is_none() {
            answer_limits::check(trace, 0, self.activity)?;
        }
        outcome::check_answer(trace, &opening)
    }
}

fn not_sent(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::NotSent, why.to_string())
}

/// The next chunk and its arrival, read before anyone looks at the bytes.
async fn next_chunk(
    body: &mut ChunkStream,
    vigil: &mut Vigil<'_>,
) -> Result<Option<(Chunk, Instant)>, Failure> {
    let next = vigil.keep(body.next()).await?;
    let now = clock::now();
    vigil.heard(now);
    let Some(chunk) = next.transpose()? else { return Ok(None) };
    let arrived = chunk.arrived.unwrap_or(now);
    Ok(Some((chunk, arrived)))
}

/// As much of the body of an unsuccessful response as can be had.
async fn error_body(mut body: ChunkStream, vigil: &mut Vigil<'_>, trace: &mut Trace) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some((chunk, _))) = next_chunk(&mut body, vigil).await {
        trace.chunks += 1;
        trace.body_bytes += chunk.bytes.len() as u64;
        let room = LONGEST_ERROR_BODY - read.len();
        read.extend_from_slice(&chunk.bytes[..chunk.bytes.len().min(room)]);
        if read.len() == LONGEST_ERROR_BODY {
            break;
        }
    }
    read
}
