//! The limits on malicious and slow clients.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::time::Duration;

use genai_bench_core::clock::{self, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::{Settings, ask, parse, start};
use crate::simulator::request_body::BODY_TIMEOUT;
use crate::simulator::server::serve_connection;
use crate::simulator::server::{HEAD_TIMEOUT, LARGEST_HEAD};
use crate::simulator::settings::MAX_CONNECTIONS;
use crate::simulator::state::ServerState;

/// The time after which a connection that the server has not ended fails the test, instead of blocking it
/// forever.
const TOO_LONG: Duration = Duration::from_secs(600);

fn connected() -> DuplexStream {
    let server = ServerState::new(Settings::instant(), ([127, 0, 0, 1], 0).into()).unwrap();
    let (client, served) = tokio::io::duplex(1 << 20);
    tokio::spawn(serve_connection(server, served));
    client
}

/// Returns the remaining bytes, and the time until the end of the connection.
async fn ending(mut client: DuplexStream, begun: Instant) -> (String, Duration) {
    let mut answer = String::new();
    let reading = tokio::time::timeout(TOO_LONG, client.read_to_string(&mut answer));
    reading.await.expect("the server ends the connection").unwrap();
    (answer, clock::now().since(begun))
}

#[tokio::test(start_paused = true)]
async fn an_endless_head_ends_the_connection() {
    let (mut client, begun) = (connected(), clock::now());
    client.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let (mut rest, mut drip) = tokio::io::split(client);
    tokio::spawn(async move {
        while drip.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(7)).await;
        }
    });
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(TOO_LONG, rest.read_to_end(&mut answer));
    let _ = reading.await.expect("the server ends the connection");
    assert_eq!(clock::now().since(begun).as_secs(), HEAD_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed() {
    let begun = clock::now();
    let (answer, waited) = ending(connected(), begun).await;
    assert_eq!((answer.as_str(), waited.as_secs()), ("", HEAD_TIMEOUT.as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_refused() {
    let (mut client, begun) = (connected(), clock::now());
    let head = b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{";
    client.write_all(head).await.unwrap();
    let (answer, waited) = ending(client, begun).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("within 60 seconds"), "{answer}");
    assert!(waited.as_secs() >= BODY_TIMEOUT.as_secs(), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_head_beyond_the_limit_is_refused() {
    let mut client = connected();
    let head = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nx: {}\r\n\r\n", "a".repeat(LARGEST_HEAD));
    client.write_all(head.as_bytes()).await.unwrap();
    let answer = ending(client, clock::now()).await.0;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[test]
fn connections_beyond_the_limit_wait_for_a_place() {
    let simulator = start(Settings { max_connections: NonZeroUsize::MIN, ..Settings::instant() });
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let first = TcpStream::connect(simulator.address()).unwrap();
    let mut second = TcpStream::connect(simulator.address()).unwrap();
    second.write_all(request).unwrap();
    // There is no response, however long the wait.
    second.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let waiting = second.read(&mut [0; 16]).unwrap_err().kind();
    assert!(matches!(waiting, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waiting}");
    drop(first);
    second.set_read_timeout(None).unwrap();
    let mut answer = Vec::new();
    second.read_to_end(&mut answer).unwrap();
    assert_eq!(parse(&answer).status, 200);
    assert!(MAX_CONNECTIONS.get() > 10_000);
}

#[test]
fn an_unknown_host_name_is_refused() {
    let simulator = start(Settings::instant());
    let request_for = |host: &str, simulator: &super::Simulator| {
        let mut connection = TcpStream::connect(simulator.address()).unwrap();
        let request = format!("GET /truth HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let answer = parse(&answer);
        let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        (answer.status, message)
    };
    let (status, message) = request_for("evil.com:80", &simulator);
    assert_eq!(status, 403);
    assert!(message.contains("'evil.com:80'") && message.contains("--allow-host"), "{message}");
    assert_eq!(request_for(&simulator.address().to_string(), &simulator).0, 200);
    let allowing = start(Settings { allowed_hosts: vec!["gateway".to_owned()], ..Settings::instant() });
    assert_eq!(request_for("gateway:80", &allowing).0, 200);
    assert_eq!(ask(&allowing, "GET", "/truth", "", "").status, 200);
}
