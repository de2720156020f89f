//! A server that gives every request the same answer and records the requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// One recorded request.
pub(crate) struct ReceivedRequest {
    pub(crate) path: String,
    /// With names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl ReceivedRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| &*it.1)
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl Server {
    /// Starts a server that requires `key` in a header and answers with `body`, of the content type `kind`.
    pub(crate) fn start(key: &'static str, kind: &'static str, body: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let recorded = received.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let recorded = recorded.clone();
                thread::spawn(move || serve(&stream, &recorded, key, kind, body));
            }
        });
        Self { address, received }
    }

    /// Returns the requests so far.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut *self.received.lock().expect("no thread panicked"))
    }
}

/// Answers one request after the other, until the client closes the connection.
fn serve(stream: &TcpStream, recorded: &Mutex<Vec<ReceivedRequest>>, key: &str, kind: &str, body: &[u8]) {
    let mut reader = BufReader::new(stream);
    while let Some(received) = read(&mut reader) {
        let is_authorized = received.headers.iter().any(|it| it.1.contains(key));
        recorded.lock().expect("no thread panicked").push(received);
        let refusal = br#"{"code":"NotAuthenticated","message":"who are you?"}"#;
        let (status, kind, body) = if is_authorized {
            ("200 OK", kind, body)
        } else {
            ("401 Unauthorized", "application/json", &refusal[..])
        };
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        let mut writer = stream;
        if writer.write_all(&[head.as_bytes(), body].concat()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<ReceivedRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|it| *it > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|it| it.0 == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(ReceivedRequest { path, headers, body: serde_json::from_slice(&body).ok()? })
}
