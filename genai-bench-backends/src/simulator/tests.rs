//! The simulator through a real socket, byte by byte.

mod embeddings;
mod faults;
mod images;
mod limits;
mod media;
mod prefix_cache;
mod rerank;
mod responses;
mod routes;
mod shapes;
mod speech;
mod truth;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::{Settings, Simulator};

fn start(settings: Settings) -> Simulator {
    Simulator::start(settings, ([127, 0, 0, 1], 0).into()).unwrap()
}

/// A raw response from the wire.
struct Raw {
    status: u16,
    head: String,
    /// The chunks of the body, or the whole body in one when it was not chunked.
    chunks: Vec<Vec<u8>>,
    /// `true` if the body ended as HTTP requires.
    complete: bool,
}

impl Raw {
    fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).unwrap()
    }

    /// Returns the text after `data: ` of each event.
    fn events(&self) -> Vec<String> {
        let body = String::from_utf8(self.body()).unwrap();
        let events = body.split_terminator("\n\n");
        events.map(|it| it.strip_prefix("data: ").unwrap().to_owned()).collect()
    }

    /// Returns the events that are JSON.
    fn objects(&self) -> Vec<Value> {
        self.events().iter().filter_map(|it| serde_json::from_str(it).ok()).collect()
    }
}

fn send(simulator: &Simulator, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
    let mut connection = TcpStream::connect(simulator.address()).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\
         {headers}\r\n{body}"
    );
    connection.write_all(request.as_bytes()).unwrap();
    connection
}

fn ask(simulator: &Simulator, method: &str, path: &str, headers: &str, body: &str) -> Raw {
    let mut bytes = Vec::new();
    send(simulator, method, path, headers, body).read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

fn chat(simulator: &Simulator, rest: &str) -> Raw {
    ask(simulator, "POST", "/v1/chat/completions", "", &chat_body(rest))
}

fn post(simulator: &Simulator, path: &str, body: &str) -> Raw {
    ask(simulator, "POST", path, "", body)
}

fn chat_body(rest: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"one two three"}}],{rest}}}"#)
}

fn parse(bytes: &[u8]) -> Raw {
    let end = find(bytes, b"\r\n\r\n").expect("the head of a response");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let status = head[9..12].parse().unwrap();
    let body = &bytes[end + 4..];
    let (chunks, complete) = if head.contains("transfer-encoding: chunked") {
        dechunk(body)
    } else {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        (vec![body.to_vec()], length.unwrap_or(0) == body.len())
    };
    Raw { status, head, chunks, complete }
}

/// Returns the chunks of a chunked body, and `true` if the final empty chunk is there.
fn dechunk(mut body: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut chunks = Vec::new();
    while let Some(end) = find(body, b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return (chunks, body == b"0\r\n\r\n");
        }
        chunks.push(body[end + 2..end + 2 + size].to_vec());
        body = &body[end + 2 + size + 2..];
    }
    assert!(body.is_empty(), "half a chunk came: {body:?}");
    (chunks, false)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

/// Returns all text in the choices of a stream, at `path`.
fn text(objects: &[Value], path: &str) -> String {
    objects.iter().filter_map(|it| it.pointer(path)?.as_str()).collect()
}
