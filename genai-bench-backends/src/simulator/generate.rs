//! From a request for text to its answer.

use std::iter::once;
use std::sync::Arc;

use genai_bench_core::units::{Offset, Tokens};
use http::{HeaderMap, HeaderValue, Response, header};

use super::answer::Answer;
use super::ask::Ask;
use super::faults::Fault;
use super::flush::Flushes;
use super::pace::Pace;
use super::refusal::Refusal;
use super::script::{Piece, Script};
use super::server::Server;
use super::stream::{Ending, Speech};
use super::truth::{Record, Truth};

/// Answers `ask`, which was read whole at `received` from the connection of `flushes`.
///
/// # Errors
///
/// The fault that strikes before an answer begins.
pub(super) async fn generate(
    server: &Server,
    ask: &Ask,
    (received, headers): (Offset, &HeaderMap),
    flushes: Arc<Flushes>,
) -> Result<Response<Speech>, Refusal> {
    let number = server.next_number();
    let fault = server.settings.faults.strike(server.settings.seed, number);
    let mut record = Record::open(&server.ledger, truth(ask, number, received, headers));
    if let Some(refusal) = fault.and_then(at_the_door) {
        fault.into_iter().for_each(|it| record.struck(it));
        record.end();
        return Err(refusal);
    }
    let answer = Answer::new(&server.settings, ask, number);
    let pace = Pace::new(
        &server.settings,
        &server.load,
        server.ledger.epoch(),
        (number, received, ask.input_tokens),
    );
    if ask.stream {
        let speech = streamed(server, answer, (number, fault), (pace, record), flushes);
        return Ok(respond(speech, "text/event-stream; charset=utf-8"));
    }
    let speech = whole(server, &answer, (number, fault), (pace, record), flushes).await;
    Ok(respond(speech, "application/json"))
}

fn truth(ask: &Ask, number: u64, received: Offset, headers: &HeaderMap) -> Truth {
    let id = headers.get("x-request-id").and_then(|it| it.to_str().ok());
    Truth {
        id: id.map(str::to_owned),
        number,
        received,
        written: Vec::new(),
        ended: received,
        input_tokens: Tokens(ask.input_tokens),
        output_tokens: Tokens(0),
        reasoning_tokens: Tokens(0),
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
    answer: Answer,
    (number, fault): (u64, Option<Fault>),
    timing: (Pace, Record),
    flushes: Arc<Flushes>,
) -> Speech {
    let script = Script::new(answer, fault);
    let ending = match fault {
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, script.length())),
        Some(Fault::Stall) => Ending::Silence(1),
        _ => Ending::Clean,
    };
    Speech::new(Box::new(script), (ending, fault), timing, flushes)
}

async fn whole(
    server: &Server,
    answer: &Answer,
    (number, fault): (u64, Option<Fault>),
    (mut pace, record): (Pace, Record),
    flushes: Arc<Flushes>,
) -> Speech {
    pace.whole(answer.chunks()).await;
    let piece = whole_piece(answer, fault);
    let length = piece.bytes.len() as u64;
    let ending = match fault {
        // All of a body whose length was announced would be no cut.
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, length).min(length - 1)),
        Some(Fault::Stall) => Ending::Silence(0),
        _ => Ending::Clean,
    };
    Speech::new(Box::new(once(piece)), (ending, fault), (pace, record), flushes).with_length(length)
}

fn whole_piece(answer: &Answer, fault: Option<Fault>) -> Piece {
    let bytes = answer.whole();
    match fault {
        Some(Fault::ErrorEvent) => Piece::strike(Refusal::server_error().json()),
        Some(Fault::Garbage) => Piece::strike("{this is not json"),
        Some(Fault::EarlyEnd) => Piece::strike(bytes.slice(..bytes.len() / 2)),
        _ => Piece {
            output_tokens: answer.output_tokens,
            reasoning_tokens: answer.reasoning_tokens,
            ..Piece::silent(bytes)
        },
    }
}

fn respond(speech: Speech, kind: &'static str) -> Response<Speech> {
    let mut response = Response::new(speech);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
