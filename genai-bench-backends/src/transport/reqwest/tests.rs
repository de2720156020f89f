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
    /// Starts a server that answers `answers` requests on each connection, and closes it in place of the
    /// next answer.
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
async fn name_resolution_is_part_of_the_handshake() {
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

/// The end of a connection by the server.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The server closes it right after a response.
    BehindAnswer,
    /// The server closes it when the next request has arrived.
    AtRequest,
    /// The server resets it when the next request has arrived.
    Reset,
    /// The server closes it in the middle of the next response.
    InBody,
    /// The server works on the next request for a while before it closes it.
    Late,
}

/// Answers one request, and ends the connection as `end` defines.
async fn answer_once(listener: TcpListener, end: End) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 4096];
    let _ = stream.read(&mut request).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    if matches!(end, End::BehindAnswer) {
        return;
    }
    if matches!(end, End::Reset) {
        // Unread bytes when the socket is closed turn the close into a reset.
        stream.readable().await.unwrap();
        return;
    }
    let _ = stream.read(&mut request).await;
    match end {
        End::InBody => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no").await;
        }
        End::Late => tokio::time::sleep(STALE_WITHIN + Duration::from_millis(200)).await,
        _ => {}
    }
}

/// Returns the result of the second request on a connection with this end; the first is answered.
async fn second_request(end: End) -> Result<Connection, TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(answer_once(listener, end));
    let server = Server { authority, connections: Arc::default() };
    let transport = transport(None);
    server.asked_by(&transport).await.unwrap();
    // The connection is back in the pool once the task that read the response has run again.
    if !matches!(end, End::BehindAnswer) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.asked_by(&transport).await
}

#[tokio::test]
async fn a_kept_connection_that_is_closed_is_stale() {
    for end in [End::AtRequest, End::Reset] {
        let lost = second_request(end).await.unwrap_err();
        assert!(matches!(&lost, TransportError::Stale(_)), "{end:?}: {lost:?}");
        assert_eq!(Failure::from(lost).kind, FailureKind::StaleConnection);
    }
}

#[tokio::test]
async fn a_connection_closed_behind_an_answer_loses_none() {
    // Either the pool notices in time, and no server listens any more; or it does not, and the connection is
    // stale.
    let lost = second_request(End::BehindAnswer).await.unwrap_err();
    assert!(matches!(&lost, TransportError::Stale(_) | TransportError::Connect(_)), "{lost:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_later_is_lost() {
    for end in [End::InBody, End::Late] {
        let lost = second_request(end).await.unwrap_err();
        assert!(matches!(&lost, TransportError::Lost(_)), "{end:?}: {lost:?}");
    }
}

#[tokio::test]
async fn a_request_on_a_stale_connection_is_not_sent_again() {
    let server = Server::start(1).await;
    let transport = transport(None);
    server.asked_by(&transport).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let lost = server.asked_by(&transport).await.unwrap_err();
    assert!(matches!(&lost, TransportError::Stale(_)), "{lost:?}");
    assert_eq!(server.connections.load(Ordering::Relaxed), 1, "nothing is sent again");
}

#[tokio::test]
async fn a_request_lost_on_a_new_connection_is_not_stale() {
    let server = Server::start(0).await;
    let lost = server.asked_by(&transport(None)).await.unwrap_err();
    assert!(matches!(&lost, TransportError::Lost(_)), "{lost:?}");
}

#[tokio::test]
async fn requests_refuse_compression_unless_a_header_allows_it() {
    for (given, expected) in [(None, "accept-encoding: identity"), (Some("br"), "accept-encoding: br")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let server = Server { authority, connections: Arc::default() };
        let mut request = server.request("http");
        if let Some(given) = given {
            request.headers_mut().insert("accept-encoding", HeaderValue::from_static(given));
        }
        let sending = tokio::spawn(async move { transport(None).send(request).await.map(drop) });
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        let head = String::from_utf8_lossy(&bytes[..count]).to_lowercase();
        assert!(head.contains(expected) && head.matches("accept-encoding").count() == 1, "{head}");
        sending.abort();
    }
}

#[tokio::test]
async fn tls_failures_differ_from_unreachable_servers() {
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
