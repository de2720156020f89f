//! Files looked at before they are read: what their first bytes say of their kind, compression, encoding and separators.

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

const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file, and the way in which it is read.
#[derive(Clone, Debug)]
pub(super) struct InspectedFile {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) table: Option<TableStyle>,
    coding: Coding,
    /// What was found out and its name does not say.
    pub(super) notes: Vec<String>,
}

impl InspectedFile {
    /// Looks at the beginning of a file. `format` comes before what its name says.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is of a kind that is not read, or its kind is not known.
    pub(super) fn inspect(path: &Path, format: Option<Format>) -> Result<Self, DatasetError> {
        let named = format.or_else(|| Format::of(path));
        if named == Some(Format::ImageFolder) {
            return Ok(Self::plain(path, Format::ImageFolder));
        }
        let failed = |error| DatasetError::read(path, error);
        let first = File::open(path).and_then(first_bytes).map_err(failed)?;
        let (coding, content, first) = coding(path, first).map_err(failed)?;
        let refused = |what: &str| Err(DatasetError::malformed(path, Place::default(), what));
        let mut file = match (content, named) {
            (Content::Refused(what), _) => return refused(&format!("this is {what}")),
            (Content::Html, named) if format.is_none() || named != Some(Format::Txt) => {
                return refused(
                    "this is a web page, perhaps one that asks to log in: download the file itself",
                );
            }
            (_, None) => return Err(DatasetError::UnknownFormat { path: path.to_owned() }),
            (Content::Parquet, Some(Format::Parquet)) if coding.compression.is_some() => {
                return refused("a compressed Parquet file: decompress it, Parquet is compressed within");
            }
            (Content::Text, Some(Format::Parquet)) if is_text(&first) => {
                return refused(
                    "not a parquet file, but text: name it .jsonl, .json, .csv or .txt as what it is, or give its format",
                );
            }
            (Content::Parquet, Some(other)) if other != Format::Parquet => {
                return refused(&format!(
                    "this is a Parquet file, and not {other}: name it .parquet, or give the format parquet"
                ));
            }
            (_, Some(format)) => Self { coding, ..Self::plain(path, format) },
        };
        file.note_coding();
        file.look_at_text(&first)?;
        Ok(file)
    }

    fn plain(path: &Path, format: Format) -> Self {
        Self { path: path.to_owned(), format, table: None, coding: Coding::default(), notes: Vec::new() }
    }

    /// Opens the text of the file at its byte `offset`.
    pub(super) fn open(&self, offset: u64) -> std::io::Result<Bytes> {
        self.coding.open(&self.path, offset)
    }

    fn note_coding(&mut self) {
        if let Some(compression) = self.coding.compression {
            let ending = if compression == Compression::Gzip { "gz" } else { "zst" };
            let has_name = self.path.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending));
            if !has_name {
                self.notes
                    .push(format!("it is compressed by {}, which its name does not say", compression.name()));
            }
        }
        if self.coding.utf16.is_some() {
            self.notes.push("it is in UTF-16, as its first bytes say".to_owned());
        }
    }

    /// Finds out the separator of a table, and JSON that is not of the kind that the name says.
    fn look_at_text(&mut self, first: &[u8]) -> Result<(), DatasetError> {
        let is_whole = first.len() < FIRST_BYTES;
        let usual = match self.format {
            Format::Csv => b',',
            Format::Tsv => b'\t',
            Format::Jsonl => return self.look_at_lines(first),
            Format::Txt => return self.look_at_plain_text(first, is_whole),
            _ => return Ok(()),
        };
        let style = TableStyle::detect(first, is_whole, usual)
            .map_err(|problem| DatasetError::malformed(&self.path, Place::default(), problem))?;
        self.notes.extend(style.notes(usual));
        self.table = Some(style);
        Ok(())
    }

    /// Finds out whether a text is a table with tabs, as Excel writes it into a `.txt`.
    fn look_at_plain_text(&mut self, first: &[u8], is_whole: bool) -> Result<(), DatasetError> {
        self.refuse_carriage_returns(first)?;
        let Some(style) = TableStyle::of_tabs(first, is_whole) else { return Ok(()) };
        if self.coding.utf16.is_some() {
            self.notes.push("its lines have tabs, as a text has that Excel writes: read as tsv".to_owned());
            (self.format, self.table) = (Format::Tsv, Some(style));
        } else {
            self.notes.push(
                "each line has as many tabs as the first one, and is read whole: the format tsv reads a table".to_owned(),
            );
        }
        Ok(())
    }

    /// Refuses lines that end with a carriage return alone: all of them would be one.
    fn refuse_carriage_returns(&self, first: &[u8]) -> Result<(), DatasetError> {
        let text = first.trim_ascii_end();
        if text.contains(&b'\r') && !first.contains(&b'\n') {
            let problem =
                "its lines end with CR alone, as old programs write them: save it with LF or CRLF line ends";
            return Err(DatasetError::malformed(&self.path, Place::default(), problem));
        }
        Ok(())
    }

    /// Finds out whether JSON has a value a line, as the format says.
    fn look_at_lines(&mut self, first: &[u8]) -> Result<(), DatasetError> {
        self.refuse_carriage_returns(first)?;
        let text = first.strip_prefix(MARK).unwrap_or(first).trim_ascii_start();
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let failed = |error| DatasetError::read(&self.path, error);
        let what = match text.first() {
            Some(b'[') if self.is_one_array().map_err(failed)? => {
                "it is one JSON array, and not a value a line"
            }
            Some(b'{') if line == b"{" => "its JSON values go over several lines, and are not a value a line",
            _ => return Ok(()),
        };
        self.notes.push(format!("{what}: read as JSON"));
        self.format = Format::Json;
        Ok(())
    }

    /// Returns whether the array that a file begins with is all that there is in it, or goes on after its first line.
    fn is_one_array(&self) -> std::io::Result<bool> {
        let mut lines = BufReader::new(self.open(0)?);
        let mut line = Vec::new();
        while line.trim_ascii().is_empty() {
            line.clear();
            if (&mut lines).take(LONGEST_ROW as u64 + 1).read_until(b'\n', &mut line)? == 0 {
                return Ok(false);
            }
        }
        let text = line.strip_prefix(MARK).unwrap_or(&line);
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

/// Finds out the coding of a file, and what it holds: the first bytes are those after the decoding.
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

fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.trim().is_empty() && !text.chars().any(|it| it.is_control() && !it.is_whitespace())
}

/// Notes on files, each once with the files that it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct FileNotes(Vec<(String, Vec<PathBuf>)>);

/// The number of files that a note names.
const NAMED: usize = 3;

impl FileNotes {
    pub(super) fn add(&mut self, note: &str, file: &Path) {
        match self.0.iter_mut().find(|known| known.0 == note) {
            Some(known) => known.1.push(file.to_owned()),
            None => self.0.push((note.to_owned(), vec![file.to_owned()])),
        }
    }

    /// Returns the notes as lines for people.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.0.into_iter().map(|(note, files)| format!("{}: {note}", listed(&files))).collect()
    }
}

/// Lists a few files by their names, and the number of the others.
pub(super) fn listed(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().take(NAMED).map(|file| file.display().to_string()).collect();
    let names = names.join(", ");
    match files.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{names} ({more} more)"),
        _ => names,
    }
}
