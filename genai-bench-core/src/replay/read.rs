//! Reading of a recording from its file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use super::agentic::Agentic;
use super::bailian::Bailian;
use super::hashing::Hashing;
use super::jsonl::{self, Mooncake};
use super::row::Row;
use super::{Finding, ReadOptions, Recording, ReplayError, TraceFormat, azurellm, burstgpt, settle};
use crate::dataset::row_limit::RowLimit;
use crate::files::regular_file;

/// The maximum length of a row in bytes, far above that of any real row.
const LONGEST_ROW: u64 = 16 << 20;
/// The number of characters of a line that an error repeats.
const SHOWN: usize = 80;
/// The beginning of a Git LFS pointer.
const GIT_LFS: &str = "version https://git-lfs";

impl Recording {
    /// Reads a recording. Without a format, the format is detected by the first line.
    ///
    /// # Errors
    ///
    /// The errors of [`read_with`](Self::read_with).
    pub fn read(path: &Path, format: Option<TraceFormat>) -> Result<Self, ReplayError> {
        Self::read_with(path, &ReadOptions { format, ..ReadOptions::default() })
    }

    /// Reads a recording with options.
    ///
    /// Rows may be in any order: they are sorted by time, and rows of the same time stay in the order of the file. The file is
    /// read once, and its rows are held in memory.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, has an unknown format, lacks a column, has a malformed or truncated row, has ambiguous
    /// hashes or times, or has no row that can be sent. The error names the file and the line.
    pub fn read_with(path: &Path, options: &ReadOptions) -> Result<Self, ReplayError> {
        let failed = |source| ReplayError::Read { path: path.to_owned(), source };
        let mut file = BufReader::new(Hashing::new(File::open(path).map_err(failed)?));
        let (head, lines) = first_line(&mut file).map_err(failed)?;
        if head.trim_ascii().is_empty() {
            return Err(ReplayError::Empty { path: path.to_owned() });
        }
        let line = String::from_utf8_lossy(head.trim_ascii());
        if line.starts_with(GIT_LFS) {
            return Err(ReplayError::GitLfsPointer { path: path.to_owned() });
        }
        let format = options.format.or_else(|| TraceFormat::from_first_line(&line)).ok_or_else(|| {
            ReplayError::Unknown {
                path: path.to_owned(),
                line: lines,
                found: line.chars().take(SHOWN).collect(),
            }
        })?;
        let mut rows = Rows { path, format, rows: Vec::new() };
        let findings = rows.read_all(Cursor::new(head).chain(&mut file))?;
        let fingerprint = file.into_inner().finish();
        settle::recording(path, format, rows.rows, options, (findings, fingerprint))
    }
}

/// Reads a file up to the end of its first line that is not empty. Returns that part without the byte order mark, and the
/// number of its lines.
fn first_line(file: &mut impl BufRead) -> std::io::Result<(Vec<u8>, u64)> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let (mut head, mut lines) = (Vec::new(), 0);
    loop {
        let length = file.by_ref().take(LONGEST_ROW).read_until(b'\n', &mut head)?;
        if head.starts_with(BYTE_ORDER_MARK) {
            head.drain(..BYTE_ORDER_MARK.len());
        }
        lines += 1;
        if length == 0 || !head.trim_ascii().is_empty() {
            return Ok((head, lines));
        }
    }
}

/// The rows of a file that is being read.
struct Rows<'a> {
    path: &'a Path,
    format: TraceFormat,
    rows: Vec<Row>,
}

impl Rows<'_> {
    /// Reads all rows and returns the findings on their fields.
    fn read_all(&mut self, file: impl BufRead) -> Result<Vec<Finding>, ReplayError> {
        match self.format {
            TraceFormat::Mooncake => {
                let mut lines = Mooncake::default();
                self.read_lines(file, |line, text| lines.row(line, text))?;
                return Ok(lines.findings().into_iter().collect());
            }
            TraceFormat::MooncakeAgentic => {
                let mut lines = Agentic::default();
                self.read_lines(file, |line, text| lines.row(line, text))?;
                return Ok(lines.findings());
            }
            TraceFormat::Bailian => {
                let mut lines = Bailian::default();
                self.read_lines(file, |line, text| lines.row(line, text))?;
                return Ok(lines.findings());
            }
            TraceFormat::Plain => self.read_lines(file, jsonl::plain)?,
            TraceFormat::AzureLlm => {
                self.read_table(file, azurellm::Columns::find, |columns, line, row| columns.row(line, row))?;
            }
            TraceFormat::BurstGpt => {
                self.read_table(file, burstgpt::Columns::find, burstgpt::Columns::row)?;
            }
        }
        Ok(Vec::new())
    }

    /// Reads the rows of a file with a line of JSON for each.
    fn read_lines(
        &mut self,
        mut file: impl BufRead,
        mut parse: impl FnMut(u64, &[u8]) -> Result<Row, String>,
    ) -> Result<(), ReplayError> {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let length = match regular_file::read_line(&mut file, &mut line, LONGEST_ROW) {
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    return Err(self.malformed(number, error.to_string()));
                }
                length => {
                    length.map_err(|source| ReplayError::Read { path: self.path.to_owned(), source })?
                }
            };
            if length == 0 {
                break;
            }
            if !line.trim_ascii().is_empty() {
                self.rows.push(
                    parse(number, line.trim_ascii()).map_err(|message| self.malformed(number, message))?,
                );
            }
        }
        Ok(())
    }

    /// Reads the rows of a CSV file.
    fn read_table<C>(
        &mut self,
        file: impl Read,
        find: fn(&StringRecord) -> Result<C, &'static str>,
        parse: fn(&mut C, u64, &StringRecord) -> Result<Row, String>,
    ) -> Result<(), ReplayError> {
        let limited = RowLimit::new(file, LONGEST_ROW as usize);
        let mut table = ReaderBuilder::new().trim(Trim::All).from_reader(limited);
        let header = table.headers().map_err(|error| self.csv_error(error))?;
        let mut columns = find(header).map_err(|column| ReplayError::Column {
            path: self.path.to_owned(),
            line: header.position().map_or(1, csv::Position::line),
            format: self.format,
            column,
            found: header.iter().collect::<Vec<_>>().join(", "),
        })?;
        let mut record = StringRecord::new();
        loop {
            table.get_mut().begin_row();
            if !table.read_record(&mut record).map_err(|error| self.csv_error(error))? {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            self.rows
                .push(parse(&mut columns, line, &record).map_err(|message| self.malformed(line, message))?);
        }
        Ok(())
    }

    fn malformed(&self, line: u64, message: String) -> ReplayError {
        ReplayError::Row { path: self.path.to_owned(), line, message }
    }

    fn csv_error(&self, error: csv::Error) -> ReplayError {
        let line = error.position().map_or(1, csv::Position::line);
        match error.into_kind() {
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => self.malformed(
                line,
                format!("a row of more than {} MiB: is a quote not closed?", LONGEST_ROW >> 20),
            ),
            ErrorKind::Io(source) => ReplayError::Read { path: self.path.to_owned(), source },
            ErrorKind::UnequalLengths { expected_len, len, .. } => self
                .malformed(line, format!("{len} columns, but the header has {expected_len}: is it cut off?")),
            ErrorKind::Utf8 { .. } => self.malformed(line, "not UTF-8: save the file as UTF-8".to_owned()),
            other => self.malformed(line, format!("not a row of CSV: {other:?}")),
        }
    }
}
