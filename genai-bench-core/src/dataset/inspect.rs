//! Inspection of files before they are read: format, compression, encoding and separators, by their first bytes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use super::decode::{ByteOrder, Bytes, Coding, Compression};
use super::error::{DatasetError, Place};
use super::first_bytes::{Content, FIRST_BYTES};
use super::format::Format;
use super::rows::LONGEST_ROW;
use super::separator::TableStyle;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file with its format, encoding and table style.
#[derive(Clone, Debug)]
pub(super) struct InspectedFile {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) table: Option<TableStyle>,
    coding: Coding,
    /// Notes on properties that differ from the file's name.
    pub(super) notes: Vec<String>,
}

impl InspectedFile {
    /// Inspects the beginning of a file. `format` takes precedence over the format of its name.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its format is unknown or not supported.
    pub(super) fn inspect(path: &Path, format: Option<Format>) -> Result<Self, DatasetError> {
        let expected = format.or_else(|| Format::from_path(path));
        if expected == Some(Format::ImageFolder) {
            return Ok(Self::plain(path, Format::ImageFolder));
        }
        let failed = |error| DatasetError::read(path, error);
        let first = File::open(path).and_then(first_bytes).map_err(failed)?;
        let (coding, content, first) = coding(path, first).map_err(failed)?;
        let refused = |what: &str| Err(DatasetError::malformed(path, Place::default(), what));
        let mut file = match (content, expected) {
            (Content::Refused(what), _) => return refused(&format!("this is {what}")),
            (Content::Html, expected) if format.is_none() || expected != Some(Format::Txt) => {
                return refused("this is a web page, perhaps a login page: download the file itself");
            }
            (_, None) => return Err(DatasetError::UnknownFormat { path: path.to_owned() }),
            (Content::Parquet, Some(Format::Parquet)) if coding.compression.is_some() => {
                return refused("this is a compressed Parquet file: decompress it");
            }
            (Content::Text, Some(Format::Parquet)) if is_text(&first) => {
                return refused(
                    "not a Parquet file, but text: rename it to .jsonl, .json, .csv or .txt, or give its format",
                );
            }
            (Content::Parquet, Some(other)) if other != Format::Parquet => {
                return refused(&format!(
                    "this is a Parquet file, not {other}: rename it to .parquet, or give the format parquet"
                ));
            }
            (_, Some(format)) => Self { coding, ..Self::plain(path, format) },
        };
        file.note_coding();
        file.inspect_text(&first)?;
        Ok(file)
    }

    /// Creates a file in UTF-8 and without compression.
    fn plain(path: &Path, format: Format) -> Self {
        Self { path: path.to_owned(), format, table: None, coding: Coding::default(), notes: Vec::new() }
    }

    /// Opens the text of the file at its byte `offset`.
    pub(super) fn open(&self, offset: u64) -> std::io::Result<Bytes> {
        self.coding.open(&self.path, offset)
    }

    /// Notes a compression or an encoding that the name does not show.
    fn note_coding(&mut self) {
        if let Some(compression) = self.coding.compression {
            let ending = if compression == Compression::Gzip { "gz" } else { "zst" };
            let has_name =
                self.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
            if !has_name {
                self.notes.push(format!(
                    "compressed by {}, although its name does not show it",
                    compression.name()
                ));
            }
        }
        if self.coding.utf16.is_some() {
            self.notes.push("in UTF-16, by its first bytes".to_owned());
        }
    }

    /// Detects the separator of a table, and JSON in another layout than the name shows.
    fn inspect_text(&mut self, first: &[u8]) -> Result<(), DatasetError> {
        let is_whole = first.len() < FIRST_BYTES;
        let usual = match self.format {
            Format::Csv => b',',
            Format::Tsv => b'\t',
            Format::Jsonl => return self.inspect_json_lines(first),
            Format::Txt => return self.inspect_plain_text(first, is_whole),
            _ => return Ok(()),
        };
        let style = TableStyle::detect(first, is_whole, usual)
            .map_err(|problem| DatasetError::malformed(&self.path, Place::default(), problem))?;
        self.notes.extend(style.notes(usual));
        self.table = Some(style);
        Ok(())
    }

    /// Detects a table with tabs in a text file, as written by Excel.
    fn inspect_plain_text(&mut self, first: &[u8], is_whole: bool) -> Result<(), DatasetError> {
        self.refuse_carriage_returns(first)?;
        let Some(style) = TableStyle::detect_tabs(first, is_whole) else { return Ok(()) };
        if self.coding.utf16.is_some() {
            self.notes.push("a table with tabs in UTF-16, as Excel writes it: read as tsv".to_owned());
            (self.format, self.table) = (Format::Tsv, Some(style));
        } else {
            self.notes.push(
                "all lines have the same number of tabs, but are read as plain text: give the format tsv to read a table"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Refuses files whose lines end with a carriage return alone, which would be read as one line.
    fn refuse_carriage_returns(&self, first: &[u8]) -> Result<(), DatasetError> {
        let text = first.trim_ascii_end();
        if text.contains(&b'\r') && !first.contains(&b'\n') {
            let problem = "its lines end with CR alone: save the file with LF or CRLF line ends";
            return Err(DatasetError::malformed(&self.path, Place::default(), problem));
        }
        Ok(())
    }

    /// Detects JSON that does not have a value on each line, although its name is that of JSON Lines.
    fn inspect_json_lines(&mut self, first: &[u8]) -> Result<(), DatasetError> {
        self.refuse_carriage_returns(first)?;
        let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii_start();
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let failed = |error| DatasetError::read(&self.path, error);
        let what = match text.first() {
            Some(b'[') if self.is_one_array().map_err(failed)? => "one JSON array, not a value on each line",
            Some(b'{') if line == b"{" => "JSON values over several lines, not a value on each line",
            _ => return Ok(()),
        };
        self.notes.push(format!("{what}: read as JSON"));
        self.format = Format::Json;
        Ok(())
    }

    /// Returns `true` if the array that a file begins with is its only value, or goes on after its first line.
    fn is_one_array(&self) -> std::io::Result<bool> {
        let mut lines = BufReader::new(self.open(0)?);
        let mut line = Vec::new();
        while line.trim_ascii().is_empty() {
            line.clear();
            if (&mut lines).take(LONGEST_ROW as u64 + 1).read_until(b'\n', &mut line)? == 0 {
                return Ok(false);
            }
        }
        let text = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line);
        if serde_json::from_slice::<IgnoredAny>(text).is_err() {
            return Ok(true);
        }
        let mut rest = Vec::new();
        lines.take(FIRST_BYTES as u64).read_to_end(&mut rest)?;
        Ok(rest.trim_ascii().is_empty())
    }
}

/// Reads the first bytes of a stream.
fn first_bytes(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(FIRST_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Detects the coding and the content of a file. Returns its first bytes after decoding.
fn coding(path: &Path, first: Vec<u8>) -> std::io::Result<(Coding, Content, Vec<u8>)> {
    let (mut coding, mut first) = (Coding::default(), first);
    let mut content = Content::recognize(&first);
    coding.compression = match content {
        Content::Gzip => Some(Compression::Gzip),
        Content::Zstd => Some(Compression::Zstd),
        _ => None,
    };
    if coding.compression.is_some() {
        first = coding.open(path, 0).and_then(first_bytes)?;
        content = match Content::recognize(&first) {
            Content::Gzip | Content::Zstd => Content::Refused("compressed twice: decompress it once"),
            content => content,
        };
    }
    coding.utf16 = match content {
        Content::Utf16Le => Some(ByteOrder::Little),
        Content::Utf16Be => Some(ByteOrder::Big),
        _ => None,
    };
    if coding.utf16.is_some() {
        first = coding.open(path, 0).and_then(first_bytes)?;
        content = Content::Text;
    }
    Ok((coding, content, first))
}

/// Returns `true` if bytes are UTF-8 without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.trim().is_empty()
        && !text.chars().any(|character| character.is_control() && !character.is_whitespace())
}

/// Notes, each with the files that it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct FileNotes(Vec<(String, Vec<PathBuf>)>);

/// The maximum number of files that a note names.
const NAMED: usize = 3;

impl FileNotes {
    /// Adds a note on a file.
    pub(super) fn add(&mut self, note: &str, file: &Path) {
        match self.0.iter_mut().find(|known| known.0 == note) {
            Some(known) => known.1.push(file.to_owned()),
            None => self.0.push((note.to_owned(), vec![file.to_owned()])),
        }
    }

    /// Returns the notes as lines for users.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.0.into_iter().map(|(note, files)| format!("{}: {note}", listed(&files))).collect()
    }
}

/// Returns the names of the first few files, and the number of the others.
pub(super) fn listed(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().take(NAMED).map(|file| file.display().to_string()).collect();
    let names = names.join(", ");
    match files.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{names} ({more} more)"),
        _ => names,
    }
}
