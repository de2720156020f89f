//! One request, one response, every stamp: the only loop that sees arriving bytes.

use bytes::Bytes;
use futures_util::StreamExt;

use crate::backend::Unsupported;
use crate::clock::{self, Epoch, Instant};
use crate::event::Events;
use crate::failure::{Failure, FailureKind};
use crate::request::Request;
use crate::target::Target;
use crate::trace::Trace;
use crate::transport::{Chunk, ChunkStream};

mod patience;
mod secrets;

pub use patience::Patience;
use patience::Vigil;
use secrets::Secrets;

/// How much of an unsuccessful response is read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// Carries out one request and records it in `trace`.
///
/// Encoding and credentials come before the clock starts. Between `sent` and the end nothing is retried,
/// drawn, serialised or written. The future may be dropped at any time: `trace` then holds what was observed
/// until that moment.
pub async fn exchange(
    target: &Target,
    request: &Request,
    patience: Patience,
    epoch: Epoch,
    trace: &mut Trace,
) {
    let wire = target.backend.encode(request);
    exchange_encoded(target, request, wire, patience, epoch, trace).await;
    trace.forget_what_was_counted();
}

/// Carries out a request that has been encoded before. What was said stays in `trace`.
pub(crate) async fn exchange_encoded(
    target: &Target,
    request: &Request,
    wire: Result<http::Request<Bytes>, Unsupported>,
    patience: Patience,
    epoch: Epoch,
    trace: &mut Trace,
) {
    trace.wanted = request.output().limit();
    let outcome = match prepare(target, wire).await {
        Ok(wire) => {
            let secrets = Secrets::of(wire.headers());
            let outcome = attempt(target, request, wire, patience, epoch, trace).await;
            let failure = trace.failure.take().or(outcome.err());
            failure.map_or(Ok(()), |it| Err(secrets.hidden_in(it)))
        }
        Err(failure) => Err(failure),
    };
    trace.ended = epoch.now();
    trace.failure = outcome.err();
}

/// The request with credentials: nothing of this is timed.
async fn prepare(
    target: &Target,
    wire: Result<http::Request<Bytes>, Unsupported>,
) -> Result<http::Request<Bytes>, Failure> {
    let not_sent = |message: String| Failure::new(FailureKind::NotSent, message);
    let mut wire = wire.map_err(|it| not_sent(it.to_string()))?;
    target.auth.authorize(&mut wire).await.map_err(|it| not_sent(it.to_string()))?;
    Ok(wire)
}

async fn attempt(
    target: &Target,
    request: &Request,
    wire: http::Request<Bytes>,
    patience: Patience,
    epoch: Epoch,
    trace: &mut Trace,
) -> Result<(), Failure> {
    let called = clock::now();
    trace.called = epoch.offset_of(called);
    trace.sent = trace.called;
    let mut vigil = Vigil::from(called, patience);
    let answer = vigil.keep(target.transport.send(wire)).await??;
    let head = clock::now();
    vigil.heard(head);
    trace.head = Some(epoch.offset_of(head));
    trace.sent = epoch.offset_of(answer.written.unwrap_or(called));
    trace.connection = Some(answer.connection);
    trace.status = Some(answer.head.status.as_u16());

    if !answer.head.status.is_success() {
        let body = error_body(answer.body, &mut vigil, trace).await;
        return Err(target.backend.failure(&answer.head, &body));
    }
    let mut body = answer.body;
    let mut decoder = target.backend.decoder(request, &answer.head);
    while let Some((chunk, arrived)) = next_chunk(&mut body, &mut vigil).await? {
        trace.chunks += 1;
        trace.body_bytes += chunk.bytes.len() as u64;
        decoder.decode(&chunk.bytes, &mut Events::arriving(epoch.offset_of(arrived), trace))?;
        if trace.failure.is_some() {
            return Ok(());
        }
    }
    Ok(decoder.finish(&mut Events::arriving(epoch.now(), trace))?)
}

/// The next chunk and its arrival, read before anyone looks at the bytes.
async fn next_chunk(body: &mut ChunkStream, vigil: &mut Vigil) -> Result<Option<(Chunk, Instant)>, Failure> {
    let next = vigil.keep(body.next()).await?;
    let now = clock::now();
    vigil.heard(now);
    let Some(chunk) = next.transpose()? else { return Ok(None) };
    let arrived = chunk.arrived.unwrap_or(now);
    Ok(Some((chunk, arrived)))
}

/// As much of the body of an unsuccessful response as can be had.
async fn error_body(mut body: ChunkStream, vigil: &mut Vigil, trace: &mut Trace) -> Vec<u8> {
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
