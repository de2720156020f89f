//! Which path leads where, and who may go there.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use sha2::{Digest, Sha256};

use super::answer::created;
use super::ask::{Ask, Endpoint};
use super::flush::Flushes;
use super::generate::{Arrival, generate};
use super::models;
use super::refusal::Refusal;
use super::server::Server;
use super::stream::AnswerBody;
use crate::auth::Secret;

/// The body of any response.
pub(super) type AnyBody = Either<Full<Bytes>, AnswerBody>;

/// The path that needs no key: who runs servers looks there for life.
const HEALTH: &str = "/health";
/// The paths at which no work is done.
const OTHERS: [&str; 5] = ["/v1/models", HEALTH, "/truth", "/reset_prefix_cache", "/flush_cache"];

/// Answers one request; it never fails, it refuses.
pub(super) async fn route(
    server: Arc<Server>,
    request: Request<Incoming>,
    flushes: Arc<Flushes>,
) -> Result<Response<AnyBody>, Infallible> {
    let answered = dispatch(&server, request, flushes).await;
    Ok(answered.unwrap_or_else(|refusal| refusal.response().map(|it| Either::Left(Full::new(it)))))
}

async fn dispatch(
    server: &Server,
    request: Request<Incoming>,
    flushes: Arc<Flushes>,
) -> Result<Response<AnyBody>, Refusal> {
    server.hosts.check(request.uri(), request.headers())?;
    let path = request.uri().path();
    let endpoint = endpoint(path);
    if path != HEALTH {
        admit(server.settings.api_key.as_ref(), request.headers())?;
    }
    let Some(endpoint) = endpoint.filter(|_| request.method() == Method::POST) else {
        return elsewhere(server, request.method(), path);
    };
    let (head, body) = request.into_parts();
    let body = server.bodies.read(body).await?;
    let received = server.ledger.epoch().now();
    let ask = Ask::parse(endpoint, &body, &server.settings)?;
    let body_hash = server.settings.body_hashes.then(|| body_hash(&body));
    drop(body);
    let arrival = Arrival { received, headers: &head.headers, body_hash, flushes };
    generate(server, ask, arrival).await.map(|it| it.map(Either::Right))
}

/// The work that is done at `path`.
fn endpoint(path: &str) -> Option<Endpoint> {
    Some(match path {
        "/v1/chat/completions" => Endpoint::Chat,
        "/v1/completions" => Endpoint::Completions,
        "/v1/responses" => Endpoint::Responses,
        "/v1/embeddings" => Endpoint::Embeddings,
        "/v1/rerank" | "/rerank" | "/v2/rerank" => Endpoint::Rerank,
        "/v1/images/generations" => Endpoint::Images,
        "/v1/audio/speech" => Endpoint::Speech,
        _ => return None,
    })
}

/// Everything but work.
fn elsewhere(server: &Server, method: &Method, path: &str) -> Result<Response<AnyBody>, Refusal> {
    let json = match (method, path) {
        (&Method::GET, "/v1/models") => {
            models::list(std::iter::once(&server.settings.model).chain(&server.settings.models), created())
        }
        (&Method::GET, HEALTH) => br#"{"status":"ok"}"#.to_vec(),
        (&Method::GET, "/truth") => server.ledger.to_json(),
        (&Method::DELETE, "/truth") => {
            server.ledger.clear();
            let mut response = Response::new(Either::Left(Full::default()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
        (&Method::POST, "/reset_prefix_cache" | "/flush_cache") => {
            server.prefixes.iter().for_each(|it| it.clear());
            return Ok(Response::new(Either::Left(Full::default())));
        }
        _ if endpoint(path).is_some() || OTHERS.contains(&path) => {
            let message = format!("{method} is not allowed on {path}.");
            return Err(Refusal::status(StatusCode::METHOD_NOT_ALLOWED, message));
        }
        _ => return Err(Refusal::status(StatusCode::NOT_FOUND, format!("Unknown path {method} {path}."))),
    };
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(json))));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The first 16 digits of the SHA-256 of a body.
fn body_hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(8).map(|it| format!("{it:02x}")).collect()
}

fn admit(key: Option<&Secret>, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(key) = key else { return Ok(()) };
    let brought = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let brought = brought.and_then(|it| it.split_once(' '));
    match brought {
        Some((scheme, brought))
            if scheme.eq_ignore_ascii_case("bearer") && key.reveal() == brought.trim() =>
        {
            Ok(())
        }
        _ => Err(Refusal::unauthorized()),
    }
}
