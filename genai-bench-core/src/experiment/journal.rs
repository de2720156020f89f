//! The journal of a run: a JSON line for each request, written when the request finishes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::exchange::MOST_TEXT_BYTES;
use crate::files::regular_file;
use crate::metrics::RunFacts;
use crate::plan::Level;
use crate::record::{MOST_ARRIVALS, RequestRecord};
use crate::task::Task;

mod plausibility;

/// The maximum length of the line of a request, in bytes: that of the longest recorded answer, whose text may take
/// six bytes for one (`\\u0000`), and whose arrivals take up to 68 bytes each.
const LONGEST_LINE: u64 = 6 * MOST_TEXT_BYTES + 68 * MOST_ARRIVALS as u64 + (1 << 20);
/// The maximum length of the first and the last line, in bytes: a thousand times their usual length.
const LONGEST_HEADER: u64 = 1 << 20;
/// The beginning of the line of a request.
const REQUEST: &[u8] = b"{\"request\":";

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JournalEntry {
    /// The first line: the run.
    Run(RunHeader),
    /// A request that has finished.
    Request(Box<RequestRecord>),
    /// The last line. A journal without one was cut off.
    End(RunEnd),
}

/// The first line of a journal: the run, before its start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// The version of this format: 1.
    pub journal_version: u32,
    /// The number of the run in the experiment, from 0.
    pub number: usize,
    /// The scenario, as it was given.
    pub scenario: String,
    /// The kind of work.
    pub task: Task,
    /// The load level.
    #[serde(flatten)]
    pub level: Level,
    /// The facts of the run that are known at its start.
    pub facts: RunFacts,
}

/// The last line of a journal: the end of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// The duration of the run, to the end of the last request.
    #[serde(rename = "elapsed_s", with = "seconds")]
    pub elapsed: Duration,
    /// The facts of the run at its end.
    pub facts: RunFacts,
    /// `true` if the user interrupted the run.
    pub interrupted: bool,
}

/// A writer of a journal.
///
/// Lines are buffered until [`flush`](Journal::flush) writes them: flushed lines survive a crash of the process.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    pending: Vec<u8>,
}

impl Journal {
    /// Creates the journal of a run and writes its first line.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn create(path: PathBuf, header: &RunHeader) -> Result<Self, Error> {
        let file = File::create_new(&path).map_err(Error::from_io("create", &path))?;
        let mut journal = Self { path, file, pending: Vec::new() };
        journal.write(&JournalEntry::Run(header.clone()))?;
        journal.flush()?;
        Ok(journal)
    }

    /// Appends a request that has finished to the buffer.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub fn add(&mut self, record: &RequestRecord) -> Result<(), Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Borrowed<'a> {
            Request(&'a RequestRecord),
        }
        self.write(&Borrowed::Request(record))
    }

    /// Writes the last line and closes the journal.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn end(mut self, end: &RunEnd) -> Result<(), Error> {
        self.write(&JournalEntry::End(end.clone()))?;
        self.flush()?;
        self.file.sync_all().map_err(Error::from_io("write", &self.path))
    }

    /// Writes the buffered lines to the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        let written = self.file.write_all(&self.pending);
        self.pending.clear();
        written.map_err(Error::from_io("write", &self.path))
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let written = serde_json::to_writer(&mut self.pending, line).map_err(io::Error::from);
        written.map_err(Error::from_io("write", &self.path))?;
        self.pending.push(b'\n');
        Ok(())
    }
}

/// A reader that iterates over the lines of a journal.
///
/// An incomplete last line of a journal that was cut off is skipped. Any other line that is malformed, or has
/// implausible numbers, is an error with its line number.
#[derive(Debug)]
pub struct JournalReader(Lines<BufReader<File>>);

/// The lines of a journal from any source of bytes.
#[derive(Debug)]
struct Lines<R> {
    path: PathBuf,
    bytes: R,
    number: usize,
    longest: u64,
}

impl JournalReader {
    /// Opens a journal.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no regular file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = regular_file::open(path).map_err(Error::from_io("read", path))?;
        Ok(Self(Lines::new(path, BufReader::new(file))))
    }
}

impl<R: BufRead> Lines<R> {
    fn new(path: &Path, bytes: R) -> Self {
        Self { path: path.to_owned(), bytes, number: 0, longest: LONGEST_LINE }
    }

    fn read(&mut self) -> Result<Option<JournalEntry>, Error> {
        let mut line = Vec::new();

        // One byte more than the longest line shows that a line is longer.
        let mut next = self.bytes.by_ref().take(self.longest + 1);
        next.read_until(b'\n', &mut line).map_err(Error::from_io("read", &self.path))?;
        self.number += 1;
        if line.len() as u64 > self.longest {
            return Err(self.malformed(format!("it is longer than {} bytes", self.longest)));
        }
        if !line.starts_with(REQUEST) && line.len() as u64 > LONGEST_HEADER {
            return Err(self.malformed(format!(
                "it is longer than {LONGEST_HEADER} bytes and is not the line of a request"
            )));
        }
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        let entry: JournalEntry = serde_json::from_slice(&line).map_err(|error| self.malformed(error))?;
        plausibility::check(&entry).map_err(|problem| self.malformed(problem))?;
        Ok(Some(entry))
    }

    fn malformed(&self, problem: impl std::fmt::Display) -> Error {
        Error::Malformed {
            path: self.path.clone(),
            line: Some(self.number),
            message: format!("not a valid line of a journal: {problem}"),
        }
    }
}

impl Iterator for JournalReader {
    type Item = Result<JournalEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.read().transpose()
    }
}

/// The serde form of a duration in seconds.
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
    fn an_incomplete_last_line_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let mut journal = Journal::create(path.clone(), &header()).unwrap();
        journal.add(&RequestRecord { index: 7, ..RequestRecord::default() }).unwrap();
        journal.flush().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(br#"{"request":{"index":8,"du"#);
        std::fs::write(&path, bytes).unwrap();
        let read: Vec<JournalEntry> = JournalReader::open(&path).unwrap().collect::<Result<_, _>>().unwrap();
        let [JournalEntry::Run(first), JournalEntry::Request(second)] = &read[..] else { panic!("{read:?}") };
        assert_eq!((first, second.index), (&header(), 7));
    }

    #[test]
    fn a_malformed_line_is_an_error_with_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        std::fs::write(&path, "{\"request\": 1}\n").unwrap();
        let error = JournalReader::open(&path).unwrap().next().unwrap().unwrap_err().to_string();
        assert!(error.contains("j.jsonl line 1"), "{error}");
    }

    /// Returns a journal of one answered, one failed and one retried request, with its last line.
    fn good_journal(folder: &Path) -> Vec<u8> {
        let path = folder.join("good.jsonl");
        let mut journal = Journal::create(path.clone(), &header()).unwrap();
        for line in [
            r#"{"index":0,"input":10,"wanted":4,"due":0,"called":1000,"sent":1200,"head":5000,"status":200,
                "connection":{"new":{"total_ns":1500}},"arrivals":[20000,[3000,"text",4,null],100,
                [7000,"reasoning",1,3]],"usage":{"input":12,"output":9},"usage_at":30100,"finish":"stop",
                "finished_at":30100,"ended":30500,"body_bytes":400,"chunks":5,
                "server_time":{"total_ns":20000}}"#,
            r#"{"index":1,"due":30500,"called":30600,"sent":30700,"ended":40000,
                "failure":{"kind":"status","status":500,"message":"no"}}"#,
            r#"{"index":2,"due":40000,"called":41000,"sent":41000,"retries":1,"sent_last":60000,
                "first_attempt":{"ended":50000,"failure":{"kind":"connect","message":"no"}},
                "arrivals":[70000],"usage":{"output":1},"ended":71000}"#,
        ] {
            journal.add(&serde_json::from_str(line).unwrap()).unwrap();
        }
        let elapsed = Duration::from_nanos(71_000);
        journal.end(&RunEnd { elapsed, facts: RunFacts::default(), interrupted: false }).unwrap();
        std::fs::read(path).unwrap()
    }

    /// Reads `bytes` as a journal, and returns the number of its lines.
    fn read(bytes: &[u8]) -> Result<usize, String> {
        let mut lines = Lines::new(Path::new("damaged.jsonl"), bytes);
        let entries = std::iter::from_fn(|| lines.read().transpose());
        let read: Result<Vec<JournalEntry>, Error> = entries.collect();
        read.map(|entries| entries.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_journal_with_any_byte_changed_is_read_or_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let good = good_journal(folder.path());
        assert_eq!(read(&good), Ok(5));
        let mut refused = 0;
        for place in 0..good.len() {
            for byte in [b'9', b'-', b'.', b'e', b'"', b'\n', 0xff] {
                let mut damaged = good.clone();
                damaged[place] = byte;
                if let Err(message) = read(&damaged) {
                    refused += 1;
                    assert!(message.contains("damaged.jsonl line "), "{message}");
                }
            }
        }
        assert!(refused > good.len(), "most changes are found");
    }

    #[test]
    fn implausible_numbers_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let good = String::from_utf8(good_journal(folder.path())).unwrap();
        for (from, to, line) in [
            ("\"ended\":30500", "\"ended\":99999999999999999", 2),
            ("\"ended\":30500", "\"ended\":30099", 2),
            ("\"arrivals\":[20000", "\"arrivals\":[18446744073709551615", 2),
            ("\"arrivals\":[20000", "\"arrivals\":[20", 2),
            ("\"head\":5000", "\"head\":50000", 2),
            ("\"output\":9", "\"output\":9000000000000", 2),
            ("\"reasoning\",1,3", "\"reasoning\",1,3000000000000", 2),
            ("\"body_bytes\":400", "\"body_bytes\":4000000000000000000", 2),
            ("\"total_ns\":1500", "\"total_ns\":18446744073709551615", 2),
            ("\"ended\":40000", "\"ended\":4000", 3),
            ("\"ended\":50000", "\"ended\":5000000000000000000", 4),
            ("\"slots\":0", "\"slots\":4000000000", 1),
            ("\"journal_version\":1", "\"journal_version\":9", 1),
            ("\"warmup_ratio\":0.0", "\"warmup_ratio\":9.0", 1),
            ("\"elapsed_s\":0.000071", "\"elapsed_s\":9e18", 5),
        ] {
            assert!(good.contains(from), "{from} is not in {good}");
            let message = read(good.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(message.contains(&format!("damaged.jsonl line {line}: ")), "{to}: {message}");
        }
    }

    #[test]
    fn a_line_without_end_is_rejected_by_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endless.jsonl");
        let mut bytes = good_journal(folder.path());
        bytes.extend(std::iter::repeat_n(b' ', 5_000));
        std::fs::write(&path, bytes).unwrap();
        let mut reader = JournalReader::open(&path).unwrap();
        reader.0.longest = 4_000;
        let error = reader.find_map(Result::err).expect("an error").to_string();
        assert!(error.contains("line 6") && error.contains("longer than 4000 bytes"), "{error}");
    }
}
