//! The journal of a run: a line of JSON for each request, written as it finishes.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::metrics::RunFacts;
use crate::plan::Level;
use crate::task::Task;
use crate::trace::Trace;

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JournalEntry {
    /// The first line: which run this is.
    Run(RunHeader),
    /// A request that has finished.
    Request(Box<Trace>),
    /// The last line. A journal without one was cut off.
    End(RunEnd),
}

/// Which run a journal is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// The version of this format: 1.
    pub journal_version: u32,
    /// The number of the run in the experiment, from 0.
    pub number: usize,
    /// The scenario, as a person wrote it.
    pub scenario: String,
    /// The kind of work.
    pub task: Task,
    /// What was put on the server.
    #[serde(flatten)]
    pub level: Level,
    /// What is known of the run before it ends.
    pub facts: RunFacts,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// How long it took, to the end of the last request.
    #[serde(rename = "elapsed_s", with = "seconds")]
    pub elapsed: Duration,
    /// What is known of the run now.
    pub facts: RunFacts,
    /// Whether a person ended it.
    pub interrupted: bool,
}

/// A journal that is being written.
///
/// Lines are gathered and handed to the operating system together by [`flush`](Journal::flush): what has been
/// flushed survives the death of the process.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    pending: Vec<u8>,
}

impl Journal {
    /// Begins the journal of a run.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn create(path: PathBuf, header: &RunHeader) -> Result<Self, Error> {
        let failed = |source| Error::Folder { action: "create", path: path.clone(), source };
        let file = File::create_new(&path).map_err(failed)?;
        let mut journal = Self { path, file, pending: Vec::new() };
        journal.write(&JournalEntry::Run(header.clone()))?;
        journal.flush()?;
        Ok(journal)
    }

    /// Adds a request that has finished.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub fn add(&mut self, trace: &Trace) -> Result<(), Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Borrowed<'a> {
            Request(&'a Trace),
        }
        self.write(&Borrowed::Request(trace))
    }

    /// Ends the journal.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn end(mut self, end: &RunEnd) -> Result<(), Error> {
        self.write(&JournalEntry::End(end.clone()))?;
        self.flush()?;
        self.file.sync_all().map_err(|source| Error::Folder { action: "write", path: self.path, source })
    }

    /// Hands what was added to the operating system.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        let written = self.file.write_all(&self.pending);
        self.pending.clear();
        written.map_err(|source| Error::Folder { action: "write", path: self.path.clone(), source })
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let failed = |it: serde_json::Error| Error::Folder {
            action: "write",
            path: self.path.clone(),
            source: it.into(),
        };
        serde_json::to_writer(&mut self.pending, line).map_err(failed)?;
        self.pending.push(b'\n');
        Ok(())
    }
}

/// Reads a journal line by line.
///
/// The last line of a journal that was cut off may be incomplete: it is left out. Any other line that is not
/// what it should be is an error that names it.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    lines: BufReader<File>,
    number: usize,
}

impl JournalReader {
    /// Opens a journal.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Folder { action: "read", path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), lines: BufReader::new(file), number: 0 })
    }

    fn read(&mut self) -> Result<Option<JournalEntry>, Error> {
        let mut line = Vec::new();
        let failed = |source| Error::Folder { action: "read", path: self.path.clone(), source };
        self.lines.read_until(b'\n', &mut line).map_err(failed)?;
        self.number += 1;
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        let entry = serde_json::from_slice(&line).map_err(|it| Error::Malformed {
            path: self.path.clone(),
            line: Some(self.number),
            message: format!("no line of a journal: {it}"),
        })?;
        Ok(Some(entry))
    }
}

impl Iterator for JournalReader {
    type Item = Result<JournalEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> RunHeader {
        RunHeader {
            journal_version: 1,
            number: 0,
            scenario: "D(1,2)".into(),
            task: Task::TextToText,
            level: Level::closed(1),
            facts: RunFacts::default(),
        }
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let mut journal = Journal::create(path.clone(), &header()).unwrap();
        journal.add(&Trace { index: 7, ..Trace::default() }).unwrap();
        journal.flush().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(br#"{"request":{"index":8,"du"#);
        std::fs::write(&path, bytes).unwrap();
        let read: Vec<JournalEntry> = JournalReader::open(&path).unwrap().collect::<Result<_, _>>().unwrap();
        let [JournalEntry::Run(first), JournalEntry::Request(second)] = &read[..] else { panic!("{read:?}") };
        assert_eq!((first, second.index), (&header(), 7));
    }

    #[test]
    fn a_broken_line_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        std::fs::write(&path, "{\"request\": 1}\n").unwrap();
        let error = JournalReader::open(&path).unwrap().next().unwrap().unwrap_err().to_string();
        assert!(error.contains("j.jsonl line 1"), "{error}");
    }
}
