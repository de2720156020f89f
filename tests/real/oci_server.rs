//! An OCI emulator on loopback ports for the duration of a test, which verifies requests with Oracle's own SDK.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use crate::installed::script;

/// The emulated OCI services, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct OciServer {
    process: Child,
    folder: TempDir,
    /// The address, without a path.
    pub(crate) url: String,
}

impl OciServer {
    /// Starts the emulator, and waits until requests of the SDK's own signers are accepted.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = script("oci", "oci_stub.py");
        // The server ends with its standard input, so also when this process is killed.
        command.arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("oci_stub.py can be run");
        let printed = process.stdout.take().expect("its output is piped");
        let ready = BufReader::new(printed).lines().map_while(Result::ok);
        let url = ready.filter_map(|it| it.strip_prefix("ready ").map(str::to_owned)).next();
        Self { process, folder, url: url.expect("oci_stub.py says where it is") }
    }

    /// Returns the path of a credentials file of a user, a service or a cluster.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a temporary folder has a plain name").to_owned()
    }
}

impl Drop for OciServer {
    fn drop(&mut self) {
        // It is killed, not asked: a test that failed must not wait for it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
