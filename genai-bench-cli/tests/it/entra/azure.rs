//! A simulation of Azure: issues tokens to a managed identity, and accepts requests with a token that has not expired.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use genai_bench_core::clock;

const CHUNKS: &str = concat!(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6}}\n\n",
    "data: [DONE]\n\n",
);
/// The time of an answer.
const PACE: Duration = Duration::from_millis(70);

/// The server.
pub(super) struct Azure {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    life: Duration,
    /// The expiry times of the issued tokens, by their numbers.
    issued: Mutex<Vec<SystemTime>>,
    token_requests: Mutex<Vec<Request>>,
    used: Mutex<BTreeSet<String>>,
    refused: Mutex<usize>,
}

/// A received request, with header names in lower case.
#[derive(Clone, Default)]
pub(super) struct Request {
    pub(super) path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| &*it.1)
    }

    /// Reads the next request of a connection.
    fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let line = |stream: &mut BufReader<TcpStream>| {
            let mut line = String::new();
            stream.read_line(&mut line).ok().filter(|it| *it > 0).map(|_| line.trim_end().to_owned())
        };
        // Of what is in a query, only these are escaped.
        let path = line(stream)?.split(' ').nth(1)?.replace("%3A", ":").replace("%2F", "/");
        let mut request = Self { path, headers: Vec::new() };
        while let Some((name, value)) = line(stream)?.split_once(':') {
            request.headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let length = request.header("content-length").map_or(0, |it| it.parse().expect("a number"));
        stream.read_exact(&mut vec![0; length]).ok()?;
        Some(request)
    }
}

impl Azure {
    /// The prefix of every token.
    pub(super) const TOKEN: &str = "entra-do-not-show";

    /// Starts a server whose tokens have this lifetime.
    pub(super) fn start(life: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            life,
            issued: Mutex::default(),
            token_requests: Mutex::default(),
            used: Mutex::default(),
            refused: Mutex::default(),
        });
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&served);
                thread::spawn(move || state.converse(stream));
            }
        });
        Self { address, state }
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Issues a token without a request.
    pub(super) fn issue(&self) -> String {
        self.state.issue().0
    }

    /// Returns the requests for tokens.
    pub(super) fn token_requests(&self) -> Vec<Request> {
        self.state.token_requests.lock().expect("no test panics with it").clone()
    }

    /// Returns the number of different tokens of answered requests.
    pub(super) fn tokens_used(&self) -> usize {
        self.state.used.lock().expect("no test panics with it").len()
    }

    /// Returns the number of requests without a token or with an expired one.
    pub(super) fn refused(&self) -> usize {
        *self.state.refused.lock().expect("no test panics with it")
    }
}

impl State {
    /// Issues a token. Returns it with its expiry time, in whole seconds since 1970.
    fn issue(&self) -> (String, u64) {
        let ends =
            (clock::wall() + self.life).duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
        let ends = Duration::from_secs(ends.as_secs());
        let mut issued = self.issued.lock().expect("no test panics with it");
        issued.push(SystemTime::UNIX_EPOCH + ends);
        (format!("{}-{}", Azure::TOKEN, issued.len() - 1), ends.as_secs())
    }

    fn is_alive(&self, token: &str) -> bool {
        let number =
            token.strip_prefix(Azure::TOKEN).and_then(|it| it.strip_prefix('-')?.parse::<usize>().ok());
        let issued = self.issued.lock().expect("no test panics with it");
        number.and_then(|it| issued.get(it)).is_some_and(|ends| clock::wall() < *ends)
    }

    fn converse(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
        let mut stream = stream;
        while let Some(request) = Request::read(&mut reader) {
            let (status, kind, body) = self.answer(request);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
            if write!(stream, "{head}{body}").is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: Request) -> (&'static str, &'static str, String) {
        if request.path.starts_with("/msi/token") {
            let (token, ends) = self.issue();
            self.token_requests.lock().expect("no test panics with it").push(request);
            let body = serde_json::json!({
                "access_token": token, "expires_on": ends.to_string(), "resource": "r", "token_type": "Bearer",
            });
            return ("200 OK", "application/json", body.to_string());
        }
        let token =
            request.header("authorization").and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
        if !self.is_alive(token) || request.path != "/openai/v1/chat/completions" {
            *self.refused.lock().expect("no test panics with it") += 1;
            return ("401 Unauthorized", "application/json", r#"{"error": {"message": "no"}}"#.to_owned());
        }
        self.used.lock().expect("no test panics with it").insert(token.to_owned());
        thread::sleep(PACE);
        ("200 OK", "text/event-stream", CHUNKS.to_owned())
    }
}
