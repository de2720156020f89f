//! `simulate`: who may ask it, and for what.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::command::genai_bench;

const KEY: &str = "sesame-do-not-show";

/// A simulator in a process of its own.
struct Simulator {
    process: Child,
    address: String,
}

impl Simulator {
    fn start(options: &[&str]) -> Self {
        let mut command = genai_bench(&["simulate", "--instant", "--port", "0"]);
        command.args(options).env("SIMULATOR_API_KEY", KEY);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut line = String::new();
        let mut said = BufReader::new(process.stdout.take().expect("its output"));
        said.read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        Self { address: address.expect("an address").to_owned(), process }
    }

    /// Returns the answer to a request for `path` that names `host`, with these headers.
    fn answer(&self, path: &str, host: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\n{headers}\r\n").expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(!answer.contains(KEY), "{answer}");
        answer
    }

    fn status(&self, path: &str, host: &str, headers: &str) -> String {
        self.answer(path, host, headers).split(' ').nth(1).expect("a status").to_owned()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.process.kill().expect("the simulator runs");
        self.process.wait().expect("it ends");
    }
}

#[test]
fn the_key_guards_the_truth_and_all_but_health() {
    let simulator = Simulator::start(&[]);
    let bearer = format!("authorization: Bearer {KEY}\r\n");
    for path in ["/truth", "/v1/models", "/nowhere"] {
        assert_eq!(simulator.status(path, "localhost", ""), "401", "{path}");
    }
    assert_eq!(simulator.status("/truth", "localhost", &bearer), "200");
    assert_eq!(simulator.status("/health", "localhost", ""), "200");
}

#[test]
fn another_host_is_refused_unless_it_is_allowed() {
    let simulator = Simulator::start(&["--allow-host", "gateway.lan", "--max-connections", "100"]);
    let refused = simulator.answer("/health", "evil.com", "");
    assert!(refused.starts_with("HTTP/1.0 403 ") && refused.contains("--allow-host"), "{refused}");
    assert_eq!(simulator.status("/health", "gateway.lan:80", ""), "200");
    assert_eq!(simulator.status("/health", &simulator.address, ""), "200");
}
