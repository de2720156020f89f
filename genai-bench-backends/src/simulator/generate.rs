//! The response to one request, from its arrival to its body.

use std::iter::once;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::units::{Offset, Tokens};
use http::{HeaderMap, HeaderValue, Response, header};

use super::answer_body::{AnswerBody, Ending};
use super::api::{ApiRequest, Work};
use super::error_response::ErrorResponse;
use super::flush::Flushes;
use super::pieces::{Output, Piece, Pieces};
use super::planned_response::{Body, PlannedResponse, RequestContext, WholeBody};
use super::prompt::CachedPrompt;
use super::random::{Purpose, RandomNumbers};
use super::request_timing::{RequestTiming, StepLatencies};
use super::settings::Fault;
use super::state::ServerState;
use super::truth::{Truth, TruthRecord};

/// The arrival of a request.
#[derive(Debug)]
pub(super) struct Arrival<'a> {
    /// The time at which the last byte of the request had been read.
    pub(super) received: Offset,
    pub(super) headers: &'a HeaderMap,
    pub(super) body_hash: Option<String>,
    /// The flushes of the connection that carried the request.
    pub(super) flushes: Arc<Flushes>,
}

/// Generates the response to the request `arrival`.
///
/// # Errors
///
/// Returns the fault that is injected in place of a response.
pub(super) async fn generate(
    server: &ServerState,
    mut request: ApiRequest,
    arrival: Arrival<'_>,
) -> Result<Response<AnswerBody>, ErrorResponse> {
    let number = server.next_number();
    let settings = &server.settings;
    let fault = settings.faults.strike(settings.seed, number);
    let (received, flushes) = (arrival.received, Arc::clone(&arrival.flushes));
    let mut record = TruthRecord::open(&server.truth_log, truth(&request, number, arrival));
    if let Some(error) = fault.and_then(error_instead_of_answer) {
        fault.into_iter().for_each(|it| record.struck(it));
        record.end();
        return Err(error);
    }
    let prefix = server.prefixes.as_ref().zip(request.prompt.take_blocks());
    let prefix = prefix.map(|(cache, blocks)| CachedPrompt::new(cache, blocks));
    let context = RequestContext {
        settings,
        model: &request.model,
        number,
        input_tokens: request.prompt.tokens,
        stream: request.stream,
        fault,
        cached: prefix.as_ref().map(|it| it.cached.clone()),
    };
    let latencies = match request.work {
        Work::Images(_) => StepLatencies::for_images(settings),
        _ => StepLatencies::for_text(settings),
    };
    let draws = RandomNumbers::new(settings.seed, number, Purpose::Latency);
    let timing = RequestTiming::new(
        latencies,
        &server.load,
        server.truth_log.epoch(),
        (draws, received, context.input_tokens),
    )
    .with_prefix(prefix);
    let PlannedResponse { content_type, body } = request.work.reply(&context);
    let request_fault = RequestFault { number, fault };
    let body = match body {
        Body::Pieces(pieces) => streamed(server, pieces, request_fault, (timing, record), flushes),
        Body::Whole(whole) => whole_body(server, whole, request_fault, (timing, record), flushes).await,
    };
    Ok(respond(body, content_type))
}

/// A request and the fault that is injected into it.
#[derive(Clone, Copy)]
struct RequestFault {
    number: u64,
    fault: Option<Fault>,
}

fn truth(request: &ApiRequest, number: u64, arrival: Arrival<'_>) -> Truth {
    let id = arrival.headers.get("x-request-id").and_then(|it| it.to_str().ok());
    Truth {
        id: id.map(str::to_owned),
        number,
        model: request.model.clone(),
        body_hash: arrival.body_hash,
        received: arrival.received,
        written: Vec::new(),
        ended: arrival.received,
        input_tokens: Tokens(request.prompt.tokens),
        cached_tokens: Tokens(0),
        media: request.prompt.media,
        output_tokens: Tokens(0),
        reasoning_tokens: Tokens(0),
        audio_bytes: 0,
        stream: request.stream,
        fault: None,
    }
}

/// Returns the error response of a fault that replaces the whole response.
fn error_instead_of_answer(fault: Fault) -> Option<ErrorResponse> {
    match fault {
        Fault::RateLimited => Some(ErrorResponse::rate_limited()),
        Fault::ServerError => Some(ErrorResponse::server_error()),
        _ => None,
    }
}

fn streamed(
    server: &ServerState,
    pieces: Box<dyn Pieces>,
    RequestFault { number, fault }: RequestFault,
    timing_and_record: (RequestTiming, TruthRecord),
    flushes: Arc<Flushes>,
) -> AnswerBody {
    let ending = match fault {
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, pieces.length())),
        Some(Fault::Stall) => Ending::Silence(1),
        _ => Ending::Clean,
    };
    AnswerBody::new(pieces, (ending, fault), timing_and_record, flushes)
}

async fn whole_body(
    server: &ServerState,
    whole: WholeBody,
    RequestFault { number, fault }: RequestFault,
    (mut timing, mut record): (RequestTiming, TruthRecord),
    flushes: Arc<Flushes>,
) -> AnswerBody {
    timing.slot().await;
    record.cached(timing.begin());
    timing.steps(whole.steps).await;
    let piece = piece((whole.bytes)(), whole.output, fault);
    let length = piece.bytes.len() as u64;
    let ending = match fault {
        // A body whose announced length arrives in full would not be cut.
        Some(Fault::Cut) => Ending::Cut(server.cut_at(number, length).min(length - 1)),
        Some(Fault::Stall) => Ending::Silence(0),
        _ => Ending::Clean,
    };
    AnswerBody::new(Box::new(once(piece)), (ending, fault), (timing, record), flushes).with_length(length)
}

fn piece(bytes: Bytes, output: Output, fault: Option<Fault>) -> Piece {
    match fault {
        Some(Fault::ErrorEvent) => Piece::strike(ErrorResponse::server_error().json()),
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
