//! The routes of the server, and the access to them.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer_body::AnswerBody;
use super::api::{ApiRequest, Endpoint};
use super::error_response::ErrorResponse;
use super::flush::Flushes;
use super::generate::{Arrival, generate};
use super::planned_response::unix_seconds;
use super::state::ServerState;
use crate::auth::Secret;

/// The body of any response.
pub(super) type AnyBody = Either<Full<Bytes>, AnswerBody>;

/// The path that needs no key, for the health checks of orchestrators.
const HEALTH: &str = "/health";
/// The paths that generate no output.
const OTHERS: [&str; 5] = ["/v1/models", HEALTH, "/truth", "/reset_prefix_cache", "/flush_cache"];

/// Returns the response to one request; failures are responses too.
pub(super) async fn route(
    server: Arc<ServerState>,
    request: Request<Incoming>,
    flushes: Arc<Flushes>,
) -> Result<Response<AnyBody>, Infallible> {
    let answered = dispatch(&server, request, flushes).await;
    Ok(answered.unwrap_or_else(|error| error.response().map(|it| Either::Left(Full::new(it)))))
}

async fn dispatch(
    server: &ServerState,
    request: Request<Incoming>,
    flushes: Arc<Flushes>,
) -> Result<Response<AnyBody>, ErrorResponse> {
    server.hosts.check(request.uri(), request.headers())?;
    let path = request.uri().path();
    let endpoint = endpoint(path);
    if path != HEALTH {
        check_key(server.settings.api_key.as_ref(), request.headers())?;
    }
    let Some(endpoint) = endpoint.filter(|_| request.method() == Method::POST) else {
        return other_routes(server, request.method(), path);
    };
    let (head, body) = request.into_parts();
    let body = server.bodies.read(body).await?;
    let received = server.truth_log.epoch().now();
    let api_request = ApiRequest::parse(endpoint, &body, &server.settings)?;
    let body_hash = server.settings.body_hashes.then(|| body_hash(&body));
    let arrival = Arrival { received, headers: &head.headers, body_hash, flushes };
    generate(server, api_request, arrival).await.map(|it| it.map(Either::Right))
}

/// Returns the endpoint at `path` that generates output.
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

/// Returns the response of a path that generates no output.
fn other_routes(
    server: &ServerState,
    method: &Method,
    path: &str,
) -> Result<Response<AnyBody>, ErrorResponse> {
    let json = match (method, path) {
        (&Method::GET, "/v1/models") => list_models(
            std::iter::once(&server.settings.model).chain(&server.settings.models),
            unix_seconds(),
        ),
        (&Method::GET, HEALTH) => br#"{"status":"ok"}"#.to_vec(),
        (&Method::GET, "/truth") => server.truth_log.to_json(),
        (&Method::DELETE, "/truth") => {
            server.truth_log.clear();
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
            return Err(ErrorResponse::status(StatusCode::METHOD_NOT_ALLOWED, message));
        }
        _ => {
            return Err(ErrorResponse::status(
                StatusCode::NOT_FOUND,
                format!("Unknown path {method} {path}."),
            ));
        }
    };
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(json))));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Returns a list of `models`, `created` in seconds since 1970, as JSON.
fn list_models<'a>(models: impl Iterator<Item = &'a String>, created: u64) -> Vec<u8> {
    let models: Vec<_> = models
        .map(|id| json!({"id": id, "object": "model", "created": created, "owned_by": "genai-bench"}))
        .collect();
    json!({"object": "list", "data": models}).to_string().into_bytes()
}

/// Returns the first 16 hexadecimal digits of the SHA-256 of a body.
fn body_hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(8).map(|it| format!("{it:02x}")).collect()
}

fn check_key(key: Option<&Secret>, headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let Some(key) = key else { return Ok(()) };
    let brought = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let brought = brought.and_then(|it| it.split_once(' '));
    match brought {
        Some((scheme, brought))
            if scheme.eq_ignore_ascii_case("bearer") && key.reveal() == brought.trim() =>
        {
            Ok(())
        }
        _ => Err(ErrorResponse::unauthorized()),
    }
}
