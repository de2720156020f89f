//! Emulators of Google's token servers and of Vertex AI, for the duration of a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::installed::script;

/// The servers, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct GoogleServer {
    process: Child,
    files: TempDir,
    /// The address of all servers, without a path.
    pub(crate) url: String,
}

/// The requests that the servers have received.
#[derive(Debug)]
pub(crate) struct Report(Value);

impl GoogleServer {
    /// Starts the servers, and waits until Google's own library has a token by each of the files. Tokens are valid
    /// for `life` seconds, and answers of the model take `delay` seconds.
    pub(crate) fn start(life: u32, delay: f64) -> Self {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = script("google", "google_token_server.py");
        command.arg(files.path()).args([life.to_string(), delay.to_string()]);
        // The servers end with their standard input, so also when this process is killed.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("google_token_server.py can be run");
        let printed = process.stdout.take().expect("its output is piped");
        let ready = BufReader::new(printed).lines().map_while(Result::ok);
        let url = ready.filter_map(|it| it.strip_prefix("ready ").map(str::to_owned)).next();
        Self { process, files, url: url.expect("google_token_server.py says where it is") }
    }

    /// Returns the path of the credentials file of this name.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let path = self.files.path().join(name);
        assert!(path.exists(), "{} is not there", path.display());
        path
    }

    /// Returns the address without its scheme.
    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("http://").expect("the server speaks plain HTTP")
    }

    /// Returns the requests that the servers have received so far.
    pub(crate) fn report(&self) -> Report {
        let mut stream = TcpStream::connect(self.host()).expect("the server takes connections");
        write!(stream, "GET /report HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            .expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in text");
        let (_, body) = answer.split_once("\r\n\r\n").expect("the answer has a body");
        Report(serde_json::from_str(body).expect("the report is JSON"))
    }
}

impl Report {
    /// Returns the number of requests that Vertex AI accepted.
    pub(crate) fn admitted(&self) -> u64 {
        self.0["admitted"].as_u64().expect("admitted requests are counted")
    }

    /// Returns the requests that a server refused, with the reasons.
    pub(crate) fn refused(&self) -> &[Value] {
        self.0["refused"].as_array().expect("refusals are a list")
    }

    /// Returns the number of different tokens in requests to Vertex AI.
    pub(crate) fn tokens(&self) -> usize {
        self.0["used"].as_object().expect("tokens are counted by their texts").len()
    }
}

impl Drop for GoogleServer {
    fn drop(&mut self) {
        // It is killed, not asked: a test that failed must not wait for it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
