//! aimock, which emulates many providers, for the duration of a test.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::installed::installed;

/// A server that answers every provider's requests on one port, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct AimockServer {
    process: Child,
    _fixtures: TempDir,
    /// The address, without a path.
    pub(crate) url: String,
}

impl AimockServer {
    /// Starts a server that answers with ten words, each 5 ms after the one before, with an image, or with short audio.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts the same server with more options of its command.
    pub(crate) fn with(options: &[&str]) -> Self {
        let fixtures = tempfile::tempdir().expect("a temporary folder can be made");
        let answers = json!({"fixtures": [
            {
                "match": {"endpoint": "chat"},
                "response": {"content": "one two three four five six seven eight nine ten"},
                "streamingProfile": {"ttft": 5, "tps": 200, "jitter": 0}
            },
            {"match": {"endpoint": "image"}, "response": {"image": {"b64Json": "iVBORw0KGgo="}}},
            {"match": {"endpoint": "speech"}, "response": {"audio": "SUQzBAAAAAAA"}}
        ]});
        std::fs::write(fixtures.path().join("any.json"), answers.to_string()).expect("a file can be written");
        let port = free_port();
        let mut command = Command::new("node");
        command.arg(installed("aimock").join("dist/cli.js")).args(["-p", &port.to_string()]);
        command.args(["-c", "5", "--log-level", "warn", "-f"]).arg(fixtures.path()).args(options);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("node can be run");
        let server = Self { process, _fixtures: fixtures, url: format!("http://127.0.0.1:{port}") };
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        assert!((0..100).any(|_| listens() || wait()), "aimock does not listen");
        server
    }
}

/// Waits for a short time and returns `false`.
fn wait() -> bool {
    std::thread::sleep(Duration::from_millis(100));
    false
}

/// Returns a port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it has an address").port()
}

impl Drop for AimockServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
