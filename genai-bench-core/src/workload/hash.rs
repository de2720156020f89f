//! The hash that identifies a workload.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::request::Session;

/// A SHA-256 over all sessions of a workload, in the order in which they are added: over the bytes of each as written
/// to a lock.
#[derive(Clone, Debug, Default)]
pub struct ContentHash {
    state: Sha256,
    sessions: u64,
}

impl ContentHash {
    /// Adds a session, and returns its line in a lock.
    ///
    /// # Panics
    ///
    /// Never: a session is text and numbers, which always make JSON.
    pub fn add(&mut self, group: u64, index: u64, session: &Session) -> Vec<u8> {
        let entry = super::lock::LineRef::Session((group, index, session));
        let mut line = serde_json::to_vec(&entry).expect("text and numbers always make JSON");
        line.push(b'\n');
        self.add_line(&line);
        line
    }

    /// Adds the line of a session, including its line end.
    pub(super) fn add_line(&mut self, line: &[u8]) {
        self.state.update(line);
        self.sessions += 1;
    }

    /// Returns the number of sessions added.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.sessions
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.state.clone().finalize().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
