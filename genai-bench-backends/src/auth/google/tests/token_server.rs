//! A local stand-in for all of Google's token servers, which records its requests.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A recorded request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The responses, and the lifetime of tokens, in seconds.
#[derive(Debug)]
struct State {
    asked: Vec<Asked>,
    refusal: Option<(StatusCode, String)>,
    life: u64,
}

#[derive(Clone, Debug)]
pub(super) struct TokenServer {
    pub(super) host: String,
    state: Arc<Mutex<State>>,
}

impl TokenServer {
    /// Starts a server whose tokens live for `life` seconds.
    pub(super) async fn start(life: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state = State { asked: Vec::new(), refusal: None, life };
        let server = Self { host, state: Arc::new(Mutex::new(state)) };
        let accepting = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = accepting.clone();
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { Ok::<_, Infallible>(server.answer(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Sets the refusal for all further requests; `None` is to return tokens again.
    pub(super) fn refuse(&self, refusal: Option<(StatusCode, String)>) {
        self.state.lock().unwrap().refusal = refusal;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().unwrap().to_string();
        let body = body.collect().await.unwrap().to_bytes();
        let mut state = self.state.lock().unwrap();
        state.asked.push(Asked { method: head.method, path: path.clone(), headers: head.headers, body });
        let (status, text) = match &state.refusal {
            Some((status, text)) => (*status, text.clone()),
            None => (StatusCode::OK, token(&path, state.life, state.asked.len()).to_string()),
        };
        Response::builder().status(status).body(Full::from(text)).unwrap()
    }
}

/// Returns the tokens of the recordings; those of the OAuth server hold the number of the request.
fn token(path: &str, life: u64, times: usize) -> Value {
    let token = |token: &str| json!({"access_token": token, "expires_in": life, "token_type": "Bearer"});
    if path.starts_with("/token") {
        token(&format!("ya29.{times}"))
    } else if path.starts_with("/v1/token") {
        let mut token = token("federated.EXAMPLE");
        token["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
        token
    } else if path.ends_with(":generateAccessToken") {
        // The time of a server whose clock is right, for a client whose clock may not be.
        let year = if life == 0 { 1999 } else { 2099 };
        json!({"accessToken": "impersonated.EXAMPLE", "expireTime": format!("{year}-01-01T00:00:00Z")})
    } else if path.starts_with("/computeMetadata/") {
        token("mds.EXAMPLE")
    } else {
        json!({"access_token": "AZ.MSI"})
    }
}
