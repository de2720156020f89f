//! Connections to real servers on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use genai_bench_core::failure::{Failure, FailureKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A server on this machine, and the number of connections to it so far.
struct Server {
    authority: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that answers so many requests on each connection, and closes it in place of the next answer.
    async fn start(answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let connections = Arc::new(AtomicUsize::new(0));
        let opened = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(answer(stream, answers));
            }
        });
        Self { authority, connections }
    }

    fn request(&self, scheme: &str) -> http::Request<Bytes> {
        http::Request::get(format!("{scheme}://{}/", self.authority)).body(Bytes::new()).unwrap()
    }

    /// Sends a request, reads the whole response, and returns the connection that carried it.
    async fn asked_by(&self, transport: &Reqwest) -> Result<Connection, TransportError> {
        let mut answer = transport.send(self.request("http")).await?;
        while let Some(chunk) = answer.body.next().await {
            chunk?;
        }
        Ok(answer.connection)
    }
}

async fn answer(mut stream: TcpStream, answers: usize) {
    let mut request = [0; 4096];
    for _ in 0..answers {
        if !matches!(stream.read(&mut request).await, Ok(1..)) {
            return;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    }
    let _ = stream.read(&mut request).await;
}

fn transport(idle_timeout: Option<Duration>) -> Reqwest {
    Reqwest::new(&ReqwestOptions { idle_timeout, ..ReqwestOptions::default() }).unwrap()
}

#[tokio::test]
async fn a_connection_that_idles_too_long_is_not_used_again() {
    let server = Server::start(usize::MAX).await;
    let impatient = transport(Some(Duration::from_millis(20)));
    for connections in 1..=2 {
        let connection = server.asked_by(&impatient).await.unwrap();
        assert!(matches!(connection, Connection::New(_)), "{connection:?}");
        assert_eq!(server.connections.load(Ordering::Relaxed), connections);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let server = Server::start(usize::MAX).await;
    for idle_timeout in [None, ReqwestOptions::default().idle_timeout] {
        let patient = transport(idle_timeout);
        let first = server.asked_by(&patient).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let second = server.asked_by(&patient).await.unwrap();
        assert!(matches!(first, Connection::New(_)) && second == Connection::Reused, "{first:?} {second:?}");
    }
    let default = ReqwestOptions::default().idle_timeout;
    assert!(default < Some(Duration::from_secs(5)), "uvicorn and Node.js close theirs after 5 s");
}

#[tokio::test]
async fn the_look_up_of_a_name_is_a_part_of_the_handshake() {
    let mut server = Server::start(usize::MAX).await;
    let Connection::New(by_number) = server.asked_by(&transport(None)).await.unwrap() else {
        panic!("a kept one")
    };
    assert_eq!(by_number.dns, None, "a number is not looked up");
    server.authority = server.authority.replace("127.0.0.1", "localhost");
    let Connection::New(by_name) = server.asked_by(&transport(None)).await.unwrap() else {
        panic!("a kept one")
    };
    assert!(by_name.dns.is_some_and(|dns| dns <= by_name.total), "{by_name:?}");
}

#[tokio::test]
async fn a_request_lost_on_a_kept_connection_says_so() {
    let server = Server::start(1).await;
    let transport = transport(None);
    server.asked_by(&transport).await.unwrap();
    // The connection is back in the pool when the task that read the response has run once more.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let lost = server.asked_by(&transport).await.unwrap_err();
    assert!(matches!(&lost, TransportError::Lost(problem) if problem.ends_with(KEPT)), "{lost:?}");
    assert_eq!(server.connections.load(Ordering::Relaxed), 1, "nothing is sent again");
}

#[tokio::test]
async fn a_request_lost_on_a_new_connection_does_not_blame_idleness() {
    let server = Server::start(0).await;
    let lost = server.asked_by(&transport(None)).await.unwrap_err();
    assert!(matches!(&lost, TransportError::Lost(problem) if !problem.contains("kept")), "{lost:?}");
}

#[tokio::test]
async fn a_failure_of_tls_is_told_from_a_server_that_is_not_there() {
    let server = Server::start(1).await;
    let error = transport(None).send(server.request("https")).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls(_)), "{error:?}");
    let failure = Failure::from(error);
    assert_eq!(failure.kind, FailureKind::Connect);
    assert!(failure.message.starts_with("could not connect: TLS: "), "{failure}");
    // A server that closes in the middle of the handshake.
    let server = Server::start(0).await;
    let error = transport(None).send(server.request("https")).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls(_)), "{error:?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("https://{}/", listener.local_addr().unwrap());
    drop(listener);
    let request = http::Request::get(nobody).body(Bytes::new()).unwrap();
    let error = transport(None).send(request).await.unwrap_err();
    assert!(matches!(error, TransportError::Connect(_)), "{error:?}");
}
