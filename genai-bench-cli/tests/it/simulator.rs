//! A simulator in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::command::genai_bench;

/// A running `genai-bench simulate --instant`, which ends when it is dropped.
pub(crate) struct Simulator {
    process: Child,
    /// The host and the port.
    pub(crate) address: String,
}

impl Simulator {
    /// Starts the command with what `configure` adds to it.
    pub(crate) fn start(configure: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = genai_bench(&["simulate", "--instant", "--port", "0"]);
        let mut process =
            configure(&mut command).stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut line = String::new();
        let mut printed = BufReader::new(process.stdout.take().expect("its output"));
        printed.read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        Self { address: address.expect("an address").to_owned(), process }
    }

    /// Returns the answer to a request for `path` that names `host`, with these headers.
    pub(crate) fn answer(&self, path: &str, host: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\n{headers}\r\n").expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.process.kill().expect("the simulator runs");
        self.process.wait().expect("it ends");
    }
}
