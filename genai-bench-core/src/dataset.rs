//! Prompts, conversations and images from files.
//!
//! A [`Dataset`] is a sample of the rows of one or more files, read in one pass and in constant memory, whatever the size of
//! the files. [`Rows`] reads a file row by row.
//!
//! # Files
//!
//! | name | rows |
//! | --- | --- |
//! | `.txt` | each line that is not blank |
//! | `.csv`, `.tsv` | each record after the header; a quoted field may contain line ends |
//! | `.jsonl`, `.ndjson` | the JSON value of each line |
//! | `.json` | the elements of an array; or of the only array in an object; or an object of arrays, which are columns; or consecutive values |
//! | `.parquet` | each row, with the feature `parquet` |
//! | the same followed by `.gz` or `.zst`, except Parquet | those of the compressed file |
//! | a folder of files of one of these kinds | those of each file, in the order of file names |
//! | a folder of `.jpg`, `.jpeg`, `.png`, `.webp` | one for each image: `image`, `file_name`, `label` (its folder), and its columns of a `metadata.jsonl` or `metadata.csv` |
//!
//! The first bytes of a file are inspected too: a table may have `;`, tabs or `|` between its fields, a `.jsonl` may be one
//! JSON array, a text may be in UTF-16 or compressed. Such findings, and the files of a folder that are not read, are in
//! [`Dataset::notes`]. Archives, web pages, Git LFS pointers and other kinds of files are errors that name the kind.
//! Plain text, and a plain value of an array, is in a column `text`.
//!
//! # Columns
//!
//! Columns that a [`Mapping`] does not name are found by their usual names, in every row:
//!
//! | content | columns, of which the first one present is used |
//! | --- | --- |
//! | the prompt | `prompt`, `text`, `question` (with `context`), `instruction` (with `input` and `context`), `query`; the columns in brackets follow after a blank line |
//! | the conversation | `conversations`, `conversation`, `messages`, `turns`: a list of `{"from", "value"}`, of `{"role", "content"}`, or of texts of the user; or such a list as JSON or a Python literal in a text. `data`: a list of texts of the user and the assistant in turn |
//! | the system prompt | `system`, `system_prompt`, `system_message`, beside either |
//! | earlier messages | `history`: pairs of a question and an answer |
//! | tools | `tools`, `functions`: their definitions, as a list or as JSON in a text |
//! | images | `image`, `images`, `image_url`, `image_urls`, and those in messages |
//! | the length of the answer | `output_tokens`, `output_length`, `output_len` |
//! | the prompt or the conversation | the only column of a row |
//!
//! A row without anything to send, because its prompt is blank or null or its conversation has no question, is left out and
//! counted by its [reason](LeftOut). [Changes](Change) to the content of rows are counted too. A row that cannot be read is
//! an error, unless [`Sample::skipping_bad_rows`] leaves such rows out.

use std::ops::Range;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

mod arguments;
mod beside;
mod column;
mod config;
mod conversation;
mod decode;
mod error;
mod files;
mod first_bytes;
mod format;
mod image;
mod image_folder;
mod inspect;
mod json;
mod json_problem;
mod left_out;
mod lines;
mod mapping;
mod message;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod picture_place;
mod python_literal;
mod record;
mod row;
pub(crate) mod row_limit;
mod rows;
mod sample;
mod separator;
mod split;
mod table;
mod template;
mod text_cell;
mod tools;

pub use arguments::{DataFiles, HubToken, HuggingFaceArguments};
pub use config::{DatasetConfig, Source};
pub use conversation::Utterance;
pub use error::{DatasetError, Place};
pub use files::is_beside_data;
pub use format::{Format, UnknownFormatName};
pub use image::ImageSource;
pub use left_out::{Change, Changes, LeftOut, RowsLeftOut};
pub use mapping::{Mapping, RowReading};
pub use record::Record;
pub use row::{Cell, Row};
pub use rows::Rows;
pub use sample::Sample;
pub use split::{Part, RowSlice, SliceError, SplitSlice};
pub use template::{Prompt, PromptError, Rendered, Template};

use inspect::{FileNotes, InspectedFile};
use sample::Reservoir;

/// The maximum number of bad rows that are described.
const NAMED_BAD_ROWS: usize = 3;

/// A sample of the rows of one or more files.
///
/// ```
/// use genai_bench_core::dataset::{Dataset, LeftOut, Mapping, Sample};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("questions.csv");
/// std::fs::write(&path, "id,question\n1,Why?\n2,\n3,When?\n")?;
///
/// let dataset = Dataset::open(&[path], None, &Mapping::default(), Sample::seeded(42))?;
/// assert_eq!(dataset.len(), 2);
/// assert_eq!(dataset.rows_left_out().count(LeftOut::BlankPrompt), 1);
/// // The record at a place depends on nothing but the seed and the place.
/// assert_eq!(dataset.at(7, 12), dataset.at(7, 12));
/// assert_ne!(dataset.at(7, 0), dataset.at(7, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    records: Vec<Record>,
    rows_seen: u64,
    rows_left_out: RowsLeftOut,
    changes: Changes,
    bad_rows: BadRows,
    fingerprint: String,
    notes: Vec<String>,
}

/// Rows that cannot be read and were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRows {
    /// The number of such rows.
    pub count: u64,
    /// The errors of the first few, with file and line.
    pub first: Vec<String>,
}

impl BadRows {
    fn add(&mut self, error: &DatasetError) {
        self.count += 1;
        if self.first.len() < NAMED_BAD_ROWS {
            self.first.push(error.to_string());
        }
    }
}

impl Dataset {
    /// Reads files, or folders of files, in one pass and keeps a sample of their records.
    ///
    /// `format` is required only for files whose names do not show their format.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, is malformed or lacks a column, or if no row can be sent.
    pub fn open(
        paths: &[PathBuf],
        format: Option<Format>,
        mapping: &Mapping,
        sample: Sample,
    ) -> Result<Self, DatasetError> {
        Self::open_parts(&[Part::new(paths, RowSlice::default())], format, mapping, sample)
    }

    /// Reads parts of files, one after another, and keeps a sample of their records. A part that is a percentage, or is
    /// counted from the last row, is read twice: the first time to count the rows.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, is malformed or lacks a column, or if no row can be sent.
    pub fn open_parts(
        parts: &[Part],
        format: Option<Format>,
        mapping: &Mapping,
        sample: Sample,
    ) -> Result<Self, DatasetError> {
        let mut rows: Vec<Box<dyn Iterator<Item = Result<Row, DatasetError>>>> = Vec::new();
        let mut notes = FileNotes::default();
        for part in parts {
            let mut files = Vec::new();
            for path in &part.paths {
                files.extend(files::files_of(path, format, &mut notes)?);
            }
            let range = match part.rows.absolute() {
                Some(range) => range,
                None => part.rows.within(count_rows(&files)?),
            };
            rows.push(Box::new(in_range(rows_of(files), range)));
        }
        let paths: Vec<PathBuf> = parts.iter().flat_map(|part| part.paths.iter().cloned()).collect();
        let dataset = Self::collect(rows.into_iter().flatten(), mapping, sample)?;
        Self { notes: notes.into_lines(), ..dataset }.not_empty(&paths)
    }

    /// Builds a dataset from a sample of rows. It may be empty.
    ///
    /// # Errors
    ///
    /// If a row cannot be read or lacks a column, unless the sample leaves such rows out.
    pub fn collect(
        rows: impl IntoIterator<Item = Result<Row, DatasetError>>,
        mapping: &Mapping,
        sample: Sample,
    ) -> Result<Self, DatasetError> {
        let mut reservoir = Reservoir::new(sample);
        let mut rows_left_out = RowsLeftOut::default();
        let mut bad_rows = BadRows::default();
        for row in rows {
            match row.and_then(|row| mapping.record(&row)) {
                Ok(RowReading::Record(record)) => reservoir.add(*record),
                Ok(RowReading::LeftOut(reason)) => rows_left_out.add(reason),
                Err(error) if sample.skips_bad_rows && error.is_bad_row() => bad_rows.add(&error),
                Err(error) => return Err(error),
            }
        }
        let rows_seen = reservoir.seen() + rows_left_out.total() + bad_rows.count;
        let records = reservoir.into_records();
        let mut changes = Changes::default();
        records.iter().for_each(|record| changes.add_all(&record.changes));
        let fingerprint = fingerprint(&records);
        Ok(Self { records, rows_seen, rows_left_out, changes, bad_rows, fingerprint, notes: Vec::new() })
    }

    /// Returns the dataset, or an error that says why it has no records.
    fn not_empty(self, paths: &[PathBuf]) -> Result<Self, DatasetError> {
        if !self.records.is_empty() {
            return Ok(self);
        }
        let message = match self.rows_seen {
            0 => "no rows in it".to_owned(),
            rows if self.bad_rows.count > 0 => format!(
                "none of its {rows} rows can be sent, and {} of them cannot be read, such as {}",
                self.bad_rows.count,
                self.bad_rows.first.join("; ")
            ),
            rows => {
                let reasons = self.rows_left_out.iter();
                let reasons: Vec<_> =
                    reasons.map(|(reason, count)| format!("{count} {}", reason.description())).collect();
                format!("none of its {rows} rows can be sent: {}", reasons.join(", "))
            }
        };
        Err(DatasetError::empty(paths.first().map(PathBuf::as_path).unwrap_or("no files".as_ref()), message))
    }

    /// Returns the number of records in the sample.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns `true` if there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the number of rows that were read.
    #[must_use]
    pub fn rows_seen(&self) -> u64 {
        self.rows_seen
    }

    /// Returns the rows that can be read and are left out, by reason.
    #[must_use]
    pub fn rows_left_out(&self) -> &RowsLeftOut {
        &self.rows_left_out
    }

    /// Returns the changes to the content of the records in the sample.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Returns the rows that cannot be read and were left out.
    #[must_use]
    pub fn bad_rows(&self) -> &BadRows {
        &self.bad_rows
    }

    /// Returns the records, in the order of the files.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Returns the record at an index, in the order of the files.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Record> {
        self.records.get(index)
    }

    /// Returns the record at `index` of the endless order given by `seed`. Each pass over the records has another order, and
    /// contains each record once.
    ///
    /// # Panics
    ///
    /// If the dataset is empty, which a dataset that was opened never is.
    #[must_use]
    pub fn at(&self, seed: u64, index: u64) -> &Record {
        &self.records[self.place(seed, index)]
    }

    /// Returns the index in [`records`](Self::records) of the record that [`at`](Self::at) returns.
    ///
    /// # Panics
    ///
    /// If the dataset is empty, which a dataset that was opened never is.
    #[must_use]
    pub fn place(&self, seed: u64, index: u64) -> usize {
        assert!(!self.is_empty(), "an empty dataset has no records");
        self.place_among(self.records.len(), seed, index)
    }

    /// Returns the index of the record at `index` of the endless order of the first `records` records.
    pub(crate) fn place_among(&self, records: usize, seed: u64, index: u64) -> usize {
        let place = order::shuffled(seed, index, records.max(1) as u64);
        usize::try_from(place).expect("it is less than the number of records")
    }

    /// Returns notes for users, a line each: properties of the files that differ from their names, such as another
    /// separator, and the files of folders that are not read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the SHA-256 of the content of the sample, in hexadecimal. Images in files count by name and size.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Returns the rows of files, one file after another.
fn rows_of(files: Vec<InspectedFile>) -> impl Iterator<Item = Result<Row, DatasetError>> {
    files.into_iter().flat_map(|file| match Rows::open_inspected(file) {
        Ok(rows) => Opened::Rows(rows),
        Err(error) => Opened::Failed(Some(error)),
    })
}

/// Returns the rows in `range`, and the errors of files that cannot be read up to its end.
fn in_range(
    rows: impl Iterator<Item = Result<Row, DatasetError>>,
    range: Range<u64>,
) -> impl Iterator<Item = Result<Row, DatasetError>> {
    let end = usize::try_from(range.end).unwrap_or(usize::MAX);
    (0..)
        .zip(rows)
        .take(end)
        .filter(move |(place, row)| *place >= range.start || matches!(row, Err(error) if !error.is_bad_row()))
        .map(|(_, row)| row)
}

/// Returns the number of rows of files, bad rows included.
fn count_rows(files: &[InspectedFile]) -> Result<u64, DatasetError> {
    let mut count = 0;
    for row in rows_of(files.to_vec()) {
        match row {
            Err(error) if !error.is_bad_row() => return Err(error),
            _ => count += 1,
        }
    }
    Ok(count)
}

fn fingerprint(records: &[Record]) -> String {
    let mut digest = Sha256::new();
    for record in records {
        record.digest(&mut digest);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rows of a file, or the error of opening it.
enum Opened {
    Rows(Rows),
    Failed(Option<DatasetError>),
}

impl Iterator for Opened {
    type Item = Result<Row, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Rows(rows) => rows.next(),
            Self::Failed(error) => error.take().map(Err),
        }
    }
}

#[cfg(test)]
mod tests;
