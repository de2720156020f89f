//! Servers that never end their answers: the command ends and names the excess.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Output;
use std::thread;

use serde_json::Value;

use crate::command::{failed, genai_bench, journal, results};

/// Sends `head` and then `piece` repeatedly to each client, until the client closes the connection.
fn endless(head: &'static str, piece: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let piece: &'static str = piece.leak();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || send(stream, head, piece));
        }
    });
    address
}

fn send(mut stream: TcpStream, head: &str, piece: &str) {
    let mut request = [0; 1 << 16];
    if stream.read(&mut request).is_ok_and(|read| read > 0) && stream.write_all(head.as_bytes()).is_ok() {
        while stream.write_all(piece.as_bytes()).is_ok() {}
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// A stream whose text does not end.
fn endless_text() -> SocketAddr {
    let text = "x".repeat(1 << 20);
    endless(
        STREAM,
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"),
    )
}

/// A server that announces an answer again and again and never sends it.
fn informational_responses() -> SocketAddr {
    endless("", "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n".repeat(100))
}

fn benchmark(server: SocketAddr, folder: &std::path::Path, extra: &[&str]) -> Output {
    let base = folder.to_str().expect("a plain name");
    let mut command = genai_bench(&["benchmark", "--api-backend", "vllm", "--api-key", "k-0123456789"]);
    command.args(["--api-base", &format!("http://{server}"), "--api-model-name", "m"]);
    command.args(["--traffic-scenario", "D(5,5)", "--experiment-base-dir", base]);
    command.args(["--experiment-folder-name", "e"]).args(extra);
    command.output().expect("the binary runs")
}

#[test]
fn an_answer_without_end_is_named_by_auth_check() {
    let server = endless_text();
    let mut command = genai_bench(&["auth", "check", "--api-backend", "vllm", "--api-key", "k-0123456789"]);
    let output = command.args(["--api-base", &format!("http://{server}"), "--api-model-name", "m"]).output();
    let output = output.expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("answer_too_long: more than 32 MiB of text"), "{errors}");
    assert!(errors.contains("is --api-base the address of the API?"), "{errors}");
}

#[test]
fn an_answer_without_end_is_named_by_the_preflight() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = benchmark(endless_text(), folder.path(), &["--max-requests-per-run", "1"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("answer_too_long"), "{errors}");
}

#[test]
fn answers_without_end_fail_and_the_sweep_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let levels = ["--num-concurrency", "1", "--num-concurrency", "2", "--max-requests-per-run", "2"];
    let extra = [&levels[..], &["--skip-preflight"]].concat();
    failed(&benchmark(endless_text(), folder.path(), &extra));
    let runs = results(folder.path());
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert_eq!(run["aggregated_metrics"]["failures"]["answer_too_long"], 2, "{run}");
        assert_eq!(run["aggregated_metrics"]["error_codes_frequency"]["-11"], 2);
    }
    let requests: Vec<Value> =
        journal(folder.path()).into_iter().filter_map(|line| line.get("request").cloned()).collect();
    assert!(requests.iter().all(|request| request["spoken"].is_null()), "the text is not kept");
}

#[test]
fn informational_responses_do_not_hold_off_a_timeout() {
    for (option, kind) in [("--request-timeout", "timeout"), ("--stall-timeout", "stalled")] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let extra =
            ["--max-requests-per-run", "1", "--num-concurrency", "1", "--skip-preflight", option, "0.5"];
        failed(&benchmark(informational_responses(), folder.path(), &extra));
        let run = results(folder.path()).pop().expect("a result");
        assert_eq!(run["aggregated_metrics"]["failures"][kind], 1, "{run}");
    }
}

#[test]
fn informational_responses_do_not_prolong_a_preflight() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let extra = ["--max-requests-per-run", "1", "--request-timeout", "0.5"];
    let output = benchmark(informational_responses(), folder.path(), &extra);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("timeout: not finished in 500ms"), "{errors}");
}
