//! The minimal client: it sends the requests and counts the bytes of the responses.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::{CHUNKS, PROMPT, REQUESTS, cpu};

/// Sends all requests, `level` at a time; returns the CPU seconds used.
pub(crate) fn run(address: &str, level: u32) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = cpu::seconds();
    let left = Rc::new(Cell::new(REQUESTS));
    let local = LocalSet::new();
    for _ in 0..level {
        local.spawn_local(slot(address.to_owned(), Rc::clone(&left)));
    }
    runtime.block_on(local);
    cpu::seconds() - before
}

async fn slot(address: String, left: Rc<Cell<u64>>) {
    let stream = TcpStream::connect(&address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("the socket accepts TCP_NODELAY");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::task::spawn_local(connection);
    while let Some(rest) = left.get().checked_sub(1) {
        left.set(rest);
        let request = hyper::Request::post("/v1/chat/completions")
            .header("host", &address)
            .header("content-type", "application/json")
            .body(Full::new(body()))
            .expect("a plain request");
        sender.ready().await.expect("the connection is open");
        let mut response = sender.send_request(request).await.expect("a response");
        let mut bytes = 0;
        while let Some(frame) = response.frame().await {
            bytes += frame.expect("a complete response").data_ref().map_or(0, Bytes::len);
        }
        assert!(response.status().is_success() && bytes > 1_000, "an answer of {bytes} bytes");
    }
}

/// Returns a request body for the same work as in the benchmark: as many words, as many chunks.
fn body() -> Bytes {
    let prompt = vec!["word"; PROMPT as usize].join(" ");
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{prompt}"}}],"max_tokens":{CHUNKS},"min_tokens":{CHUNKS},"ignore_eos":true,"temperature":0.0,"stream":true,"stream_options":{{"include_usage":true}}}}"#
    );
    Bytes::from(body)
}
