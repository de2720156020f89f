//! llama.cpp's HTTP server, for the duration of a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::installed::{installed, script};

/// A server with a model of random weights, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct LlamaServer {
    process: Child,
    /// The address, without a path.
    pub(crate) url: String,
}

/// The token counters of the server since its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counters {
    /// Tokens of prompts, those from its cache included.
    pub(crate) prompt: f64,
    /// Generated tokens.
    pub(crate) predicted: f64,
}

impl LlamaServer {
    /// Starts the server, and waits until it is healthy.
    pub(crate) fn start() -> Self {
        Self::started(&[])
    }

    /// Starts a server for embeddings, and waits until it is healthy.
    pub(crate) fn for_embeddings() -> Self {
        Self::started(&["embeddings"])
    }

    fn started(arguments: &[&str]) -> Self {
        let mut command = script("llama_cpp", "llama_server.py");
        command.arg(installed("model.gguf")).args(arguments);
        // The server ends with its standard input, so also when this process is killed.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("llama_server.py can be run");
        let printed = process.stdout.take().expect("its output is piped");
        let ready = BufReader::new(printed).lines().map_while(Result::ok);
        let url = ready.filter_map(|it| it.strip_prefix("ready ").map(str::to_owned)).next();
        Self { process, url: url.expect("llama_server.py says where it is") }
    }

    /// Returns the token counters.
    pub(crate) fn counters(&self) -> Counters {
        let page = self.get("/metrics");
        let value = |name: &str| {
            let line = page.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|it| it.trim().parse::<f64>().ok())
                .unwrap_or_else(|| panic!("no {name} in:\n{page}"))
        };
        let prompt = value("llamacpp:prompt_tokens_total") + value("llamacpp:prompt_tokens_cached_total");
        Counters { prompt, predicted: value("llamacpp:tokens_predicted_total") }
    }

    fn get(&self, path: &str) -> String {
        let address = self.url.strip_prefix("http://").expect("the server speaks plain HTTP");
        let mut stream = TcpStream::connect(address).expect("the server takes connections");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in text");
        answer
    }
}

impl Drop for LlamaServer {
    fn drop(&mut self) {
        // It is killed, not asked: a test that failed must not wait for it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl std::ops::Sub for Counters {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { prompt: self.prompt - before.prompt, predicted: self.predicted - before.predicted }
    }
}
