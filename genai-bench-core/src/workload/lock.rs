//! Locks: workloads in files.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ContentHash;
use crate::files::atomic_file::AtomicFile;
use crate::files::regular_file;
use crate::plan::ExperimentSpec;
use crate::request::Session;

/// The version of the format.
const VERSION: u32 = 1;
/// The maximum length of the first and the last line, in bytes: specification and recipe have a few kilobytes.
const LONGEST_HEADER: u64 = 1 << 20;
/// The maximum length of a session, in bytes: ten turns of twenty megabytes of pictures.
const LONGEST_SESSION: u64 = 256 << 20;
/// The maximum number of sessions of a run: no run sends as many.
const MOST_SESSIONS: u64 = 100_000_000;
/// The byte order mark that some editors put at the beginning of a file.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The first line of a lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of this format: 1.
    pub version: u32,
    /// The program that wrote the lock.
    pub made_by: String,
    /// The part of the workload that the file holds.
    pub content: LockedContent,
    /// Scenarios, levels, limits and seed.
    pub spec: ExperimentSpec,
    /// The number of sessions of each run.
    pub sessions_per_run: u64,
    /// The tokenizer that counted the prompts.
    pub tokenizer: TokenizerId,
    /// The sources of the sessions, in the format of the program that wrote the lock.
    #[serde(default)]
    pub recipe: Map<String, Value>,
}

impl Header {
    /// The version that this crate writes and reads.
    pub const VERSION: u32 = VERSION;
}

/// The part of a workload that a lock holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedContent {
    /// All sessions, which can be sent from the file alone.
    Sessions,
    /// The recipe only: a small file that needs the same tokenizer and datasets.
    Recipe,
}

/// The identity of a tokenizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenizerId {
    /// The name of the tokenizer.
    pub name: String,
    /// The hash of everything that decides the tokenizer's counts.
    pub fingerprint: String,
}

/// The last line of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The number of sessions, in all runs.
    pub sessions: u64,
    /// The [`ContentHash`] of the sessions.
    pub content_hash: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineRef<'a> {
    Workload(&'a Header),
    Session((u64, u64, &'a Session)),
    End(&'a End),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Workload(Box<Header>),
    Session((u64, u64, Session)),
    End(End),
}

/// A writer of locks. The file has a temporary name until it is complete.
#[derive(Debug)]
pub struct LockWriter {
    path: PathBuf,
    file: AtomicFile,
    hash: ContentHash,
    keeps_sessions: bool,
}

impl LockWriter {
    /// Creates a lock at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn create(path: &Path, header: &Header) -> Result<Self, WorkloadError> {
        let file = AtomicFile::create(path).map_err(|source| WorkloadError::io("write", path, source))?;
        let keeps_sessions = header.content == LockedContent::Sessions;
        let mut lock = Self { path: path.to_owned(), file, hash: ContentHash::default(), keeps_sessions };
        lock.write_line(&LineRef::Workload(header))?;
        Ok(lock)
    }

    /// Writes a session.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn add(&mut self, group: u64, index: u64, session: &Session) -> Result<(), WorkloadError> {
        let line = self.hash.add(group, index, session);
        if self.keeps_sessions && line.len() as u64 > LONGEST_SESSION {
            let problem = format!(
                "session {index} of group {group} has {} bytes, and {LONGEST_SESSION} are the most that is read again: \
                 give fewer or smaller pictures, or --recipe-only",
                line.len()
            );
            return Err(self.failed(io::Error::new(io::ErrorKind::FileTooLarge, problem)));
        }
        if self.keeps_sessions { self.file.write_all(&line).map_err(|it| self.failed(it)) } else { Ok(()) }
    }

    /// Writes the end of the lock, and renames the file to its final name.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn end(mut self) -> Result<End, WorkloadError> {
        let end = End { sessions: self.hash.sessions(), content_hash: self.hash.to_string() };
        self.write_line(&LineRef::End(&end))?;
        let Self { path, file, .. } = self;
        file.commit().map_err(|source| WorkloadError::Io { action: "write", path, source })?;
        Ok(end)
    }

    fn write_line(&mut self, line: &LineRef<'_>) -> Result<(), WorkloadError> {
        let written = serde_json::to_writer(&mut self.file, line).map_err(Into::into);
        written.and_then(|()| self.file.write_all(b"\n")).map_err(|it| self.failed(it))
    }

    fn failed(&self, source: std::io::Error) -> WorkloadError {
        WorkloadError::Io { action: "write", path: self.path.clone(), source }
    }
}

/// A session with its group and index.
pub type Placed = (u64, u64, Session);

/// The position of a session's line in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) length: u64,
}

/// A reader of locks that returns session by session, and checks the hash at the end.
#[derive(Debug)]
pub struct LockReader {
    path: PathBuf,
    lines: BufReader<File>,
    header: Header,
    hash: ContentHash,
    number: usize,
    offset: u64,
    line: Vec<u8>,
    end: Option<End>,
    has_mark: bool,
    has_crlf: bool,
}

impl LockReader {
    /// Opens a lock and reads its header.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no lock, or is of another version.
    pub fn open(path: &Path) -> Result<Self, WorkloadError> {
        let file = regular_file::open(path).map_err(|source| WorkloadError::io("read", path, source))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        regular_file::read_line(&mut lines, &mut line, LONGEST_HEADER)
            .map_err(|source| WorkloadError::io("read", path, source))?;
        let text = line.strip_prefix(MARK);
        let (has_mark, has_crlf) = (text.is_some(), line.ends_with(b"\r\n"));
        let header = match serde_json::from_slice::<Line>(text.unwrap_or(&line)) {
            Ok(Line::Workload(header)) => *header,
            Ok(_) => return Err(malformed_header(path, "a workload begins with its header".to_owned())),
            Err(error) => return Err(malformed_header(path, format!("no header of a workload: {error}"))),
        };
        if header.version != VERSION {
            let version = header.version;
            return Err(malformed_header(
                path,
                format!("version {version} is not known: this program reads version {VERSION}"),
            ));
        }
        if header.sessions_per_run > MOST_SESSIONS {
            let count = header.sessions_per_run;
            return Err(malformed_header(
                path,
                format!("sessions_per_run is {count}: {MOST_SESSIONS} at most"),
            ));
        }
        let offset = line.len() as u64;
        let (path, hash) = (path.to_owned(), ContentHash::default());
        Ok(Self { path, lines, header, hash, number: 1, offset, line, end: None, has_mark, has_crlf })
    }

    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns a description of changes to the file by an editor or git that leave its content the same: line ends or
    /// a byte order mark.
    #[must_use]
    pub fn changes(&self) -> Option<&'static str> {
        match (self.has_crlf, self.has_mark) {
            (true, true) => Some("CRLF line ends and a byte order mark (BOM)"),
            (true, false) => Some("CRLF line ends"),
            (false, true) => Some("a byte order mark (BOM)"),
            (false, false) => None,
        }
    }

    /// Returns the last line, once all sessions have been read.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Reads the next session, with its group and index; `None` at the end.
    ///
    /// # Errors
    ///
    /// When a line is not what it should be, the file is cut off, or the sessions are not those whose hash stands
    /// at the end.
    pub fn next_session(&mut self) -> Result<Option<Placed>, WorkloadError> {
        Ok(self.next_span()?.map(|it| it.0))
    }

    pub(super) fn next_span(&mut self) -> Result<Option<(Placed, Span)>, WorkloadError> {
        if self.end.is_some() {
            return Ok(None);
        }
        self.line.clear();
        let read = regular_file::read_line(&mut self.lines, &mut self.line, LONGEST_SESSION);
        let length = read.map_err(|source| WorkloadError::io("read", &self.path, source))? as u64;
        self.number += 1;
        if self.line.last() != Some(&b'\n') {
            return Err(self.malformed("the file is cut off: it has no end".to_owned()));
        }
        let span = Span { from: self.offset, length };
        self.offset += length;
        if self.line.ends_with(b"\r\n") {
            self.has_crlf = true;
            self.line.truncate(self.line.len() - 2);
            self.line.push(b'\n');
        }
        match serde_json::from_slice(&self.line) {
            Ok(Line::Session(session)) => {
                self.hash.add_line(&self.line);
                Ok(Some((session, span)))
            }
            Ok(Line::End(end)) => {
                self.check(&end)?;
                self.end = Some(end);
                Ok(None)
            }
            Ok(Line::Workload(_)) => Err(self.malformed("a second header".to_owned())),
            Err(error) => Err(self.malformed(format!("no line of a workload: {error}"))),
        }
    }

    /// Checks the hash of the sessions. A lock with a recipe only has none to check here: the sessions made from it
    /// must have its hash.
    fn check(&self, end: &End) -> Result<(), WorkloadError> {
        let found = self.hash.to_string();
        if self.header.content == LockedContent::Sessions && found != end.content_hash {
            return Err(WorkloadError::Differs {
                path: self.path.clone(),
                locked: end.content_hash.clone(),
                found,
            });
        }
        Ok(())
    }

    fn malformed(&self, problem: String) -> WorkloadError {
        WorkloadError::Malformed { path: self.path.clone(), line: self.number, problem }
    }
}

fn malformed_header(path: &Path, problem: String) -> WorkloadError {
    WorkloadError::Malformed { path: path.to_owned(), line: 1, problem }
}

/// The error of a workload that cannot be written, read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkloadError {
    /// The file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The failed action: `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file is not a lock.
    #[error("{} line {line}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The problem.
        problem: String,
    },
    /// The sessions differ from those that were locked.
    #[error("{}: its sessions hash to {found}, but {locked} was locked: the workload is not the same", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
        /// The hash in the file.
        locked: String,
        /// The hash of the sessions in the file, or of those made from the recipe.
        found: String,
    },
    /// A session cannot be made.
    #[error(transparent)]
    Sample(#[from] crate::error::Error),
}

impl WorkloadError {
    pub(super) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}
