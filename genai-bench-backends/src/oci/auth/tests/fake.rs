//! A local server in place of the metadata service, the authentication service and a cluster.
//!
//! It records requests without verifying them: `tests/real/oci.rs` has Oracle's SDK code verify the same requests.

use std::sync::{Arc, Mutex};

use ::http::{HeaderMap, Request, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const LEAF: &str = include_str!("../../../../fixtures/oci/throwaway_leaf.pem");
const KEY: &str = include_str!("../../../../fixtures/oci/throwaway_pkcs1.pem");
const INTERMEDIATE: &str = include_str!("../../../../fixtures/oci/throwaway_intermediate.pem");

/// A received request.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

#[derive(Debug, Default)]
struct State {
    seen: Vec<Seen>,
    /// The token of the next response.
    token: String,
    refuses: bool,
}

/// The server.
#[derive(Clone, Debug)]
pub(super) struct Fake {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, state: Arc::default() };
        tokio::spawn(fake.clone().serve(listener));
        fake
    }

    /// Sets the token of all further responses.
    pub(super) fn gives(&self, token: &str) {
        self.state.lock().unwrap().token = token.to_owned();
    }

    /// Refuses all further requests.
    pub(super) fn refuses(&self) {
        self.state.lock().unwrap().refuses = true;
    }

    /// Returns the requests received since the last call.
    pub(super) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state.lock().unwrap().seen)
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let fake = self.clone();
            let service = service_fn(move |request| {
                let fake = fake.clone();
                async move { Ok::<_, std::convert::Infallible>(fake.answer(request).await) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let path = head.uri.path().to_owned();
        let mut state = self.state.lock().unwrap();
        state.seen.push(Seen { path: path.clone(), headers: head.headers, body });
        if state.refuses {
            let told = json!({"code": "NotAuthenticated", "message": "no such session"}).to_string();
            let answer = Response::builder().status(StatusCode::UNAUTHORIZED);
            return answer.body(told.into()).unwrap();
        }
        let told = match &*path {
            "/opc/v2/instance/region" => "iad\n".to_owned(),
            "/opc/v2/identity/cert.pem" => LEAF.to_owned(),
            "/opc/v2/identity/key.pem" => KEY.to_owned(),
            "/opc/v2/identity/intermediate.pem" => INTERMEDIATE.to_owned(),
            "/v1/x509" | "/v1/authentication/refresh" => json!({"token": state.token}).to_string(),
            "/resourcePrincipalSessionTokens" => {
                STANDARD.encode(json!({"token": format!("ST${}", state.token)}).to_string())
            }
            _ => panic!("nobody asks for {path}"),
        };
        Response::new(told.into())
    }
}
