//! A moto server, which emulates AWS, for the duration of a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::installed::script;

/// A server that checks every signature, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct MotoServer {
    process: Child,
    /// The address.
    pub(crate) url: String,
    /// The ID of the access key of a user who may do anything.
    pub(crate) id: String,
    /// The secret access key.
    pub(crate) secret: String,
}

impl MotoServer {
    /// Starts the server, with a user and a role.
    pub(crate) fn start() -> Self {
        let mut command = script("moto", "moto_server.py");
        // The server ends with its standard input, so also when this process is killed.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("moto_server.py can be run");
        let printed = BufReader::new(process.stdout.take().expect("its output is piped"));
        let ready = printed.lines().map_while(Result::ok).find(|it| it.starts_with("ready "));
        let ready = ready.expect("moto_server.py says where it is");
        let mut words = ready.split(' ').skip(1).map(str::to_owned);
        let mut word = || words.next().expect("moto_server.py says all");
        Self { url: word(), id: word(), secret: word(), process }
    }
}

impl Drop for MotoServer {
    fn drop(&mut self) {
        // It is killed, not asked: a test that failed must not wait for it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
