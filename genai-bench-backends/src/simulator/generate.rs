//! From a request to its answer.

use std::iter::once;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::units::{Offset, Tokens};
use http::{HeaderMap, HeaderValue, Response, header};

use super::answer_body::{AnswerBody, Ending};
use super::api::{Ask, Work};
use super::error_response::Refusal;
use super::flush::Flushes;
use super::pieces::{Output, Piece, Pieces};
use super::planned_response::{Body, Call, Reply, Whole};
use super::prompt::Prefix;
use super::random::{Draws, Purpose};
use super::request_timing::{Pace, Tempo};
use super::settings::Fault;
use super::state::Server;
use super::truth::{Record, Truth};

/// How a request came in.
#[derive(Debug)]
pub(super) struct Arrival<'a> {
    /// When it had been read whole.
    pub(super) received: Offset,
    pub(super) headers: &'a HeaderMap,
    pub(super) body_hash: Option<String>,
    /// Of the connection it came from.
    pub(super) flushes: Arc<Flushes>,
}

/// Answers `ask`.
///
/// # Errors
///
/// The fault that strikes before an answer begins.
pub(super) async fn generate(
    server: &Server,
    mut ask: Ask,
    arrival: Arrival<'_>,
) -> Result<Response<AnswerBody>, Refusal> {
    let number = server.next_number();
    let settings = &server.settings;
    let fault = settings.faults.strike(settings.seed, number);
    let (received, flushes) = (arrival.received, Arc::clone(&arrival.flushes));
    let mut record = Record::open(&server.ledger, truth(&ask, number, arrival));
    if let Some(refusal) = fault.and_then(at_the_door) {
        fault.into_iter().for_each(|it| record.struck(it));
        record.end();
        return Err(refusal);
    }
    let prefix = server.prefixes.as_ref().zip(ask.prompt.take_chain());
    let prefix = prefix.map(|(cache, chain)| Prefix::new(cache, chain));
    let call = Call {
        settings,
        model: &ask.model,
        number,
        input_tokens: ask.prompt.tokens,
        stream: ask.stream,
        fault,
        cached: prefix.as_ref().map(|it| it.cached.clone()),
    };
    let tempo = match ask.work {
        Work::Images(_) => Tempo::of_images(settings),
        _ => Tempo::of_text(settings),
    };
    let draws = Draws::new(settings.seed, number, Purpose::Latency);
    let pace = Pace::new(tempo, &server.load, server.ledger.epoch(), (draws, received, call.input_tokens))
        .with_prefix(prefix);
    let Reply { content_type, body } = ask.work.reply(&call);
    let fate = Fate { number, fault };
    let body = match body {
        Body::Pieces(pieces) => streamed(server, pieces, fate, (pace, record), flushes),
        Body::Whole(whole) => in_one_piece(server, whole, fate, (pace, record), flushes).await,
    };
    Ok(respond(body, content_type))
}

/// A request, and what goes wrong with it.
#[derive(Clone, Copy)]
struct Fate {
    number: u64,
    fault: Option<Fault>,
}

fn truth(ask: &Ask, number: u64, arrival: Arrival<'_>) -> Truth {
    let id = arrival.headers.get("x-request-id").and_then(|it| it.to_str().ok());
    Truth {
        id: id.map(str::to_owned),
        number,
        model: ask.model.clone(),
        body_hash: arrival.body_hash,
        received: arrival.received,
        written: Vec::new(),
        ended: arrival.received,
        input_tokens: Tokens(ask.prompt.tokens),
        cached_tokens: Tokens(0),
        media: ask.prompt.media,
        output_tokens: Tokens(0),
        reasoning_tokens: Tokens(0),
        audio_bytes: 0,
        stream: ask.stream,
        fault: None,
    }
}

/// The faults that come instead of an answer.
fn at_the_door(fault: Fault) -> Option<Refusal> {
    match fault {
        Fault::RateLimited => Some(Refusal::rate_limited()),
        Fault::ServerError => Some(Refusal::server_error()),
        _ => None,
    }
}

fn streamed(
    server: &Server,
    pieces: Box<dyn Pieces>,
    Fate { number, fault }: Fate,
    timing: (Pace, Record),
    flushes: Arc<Flushes>,
) -> AnswerBody {
    let ending = match fault {
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, pieces.length())),
        Some(Fault::Stall) => Ending::Silence(1),
        _ => Ending::Clean,
    };
    AnswerBody::new(pieces, (ending, fault), timing, flushes)
}

async fn in_one_piece(
    server: &Server,
    whole: Whole,
    Fate { number, fault }: Fate,
    (mut pace, mut record): (Pace, Record),
    flushes: Arc<Flushes>,
) -> AnswerBody {
    pace.slot().await;
    record.cached(pace.begin());
    pace.steps(whole.steps).await;
    let piece = piece((whole.bytes)(), whole.output, fault);
    let length = piece.bytes.len() as u64;
    let ending = match fault {
        // All of a body whose length was announced would be no cut.
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, length).min(length - 1)),
        Some(Fault::Stall) => Ending::Silence(0),
        _ => Ending::Clean,
    };
    AnswerBody::new(Box::new(once(piece)), (ending, fault), (pace, record), flushes).with_length(length)
}

fn piece(bytes: Bytes, output: Output, fault: Option<Fault>) -> Piece {
    match fault {
        Some(Fault::ErrorEvent) => Piece::strike(Refusal::server_error().json()),
        Some(Fault::Garbage) => Piece::strike("{this is not json"),
        Some(Fault::EarlyEnd) => Piece::strike(bytes.slice(..bytes.len() / 2)),
        _ => Piece { output: Some(output), ..Piece::silent(bytes) },
    }
}

fn respond(body: AnswerBody, content_type: &'static str) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
