//! Files of separated values in the format of RFC 4180: `.csv`, and `.tsv` with tabs. Other separators are detected by
//! [`separator`](super::separator).

use std::io::{self, Read};
use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::error::{Fault, Place};
use super::row::Cell;
use super::row_limit::RowLimit;
use super::rows::{LONGEST_ROW, ReadRow};
use super::separator::{TableStyle, name};

/// A row that is appended to the file. It becomes a part of the last field if a quote is open, which the `csv` crate would not
/// report.
const END: &str = "\u{3}end of file\u{3}";
const END_ROW: &[u8] = b"\n\x03end of file\x03";

/// Returns the rows after the header.
pub(super) fn rows(from: impl Read, style: TableStyle) -> impl Iterator<Item = Result<ReadRow, Fault>> {
    let limited = RowLimit::new(from.chain(END_ROW), LONGEST_ROW);
    let mut builder = ReaderBuilder::new();
    builder.delimiter(style.separator).quoting(style.has_quotes);
    builder.flexible(true).has_headers(false).buffer_capacity(1 << 16);
    let mut table = Table { reader: builder.from_reader(limited), record: StringRecord::new(), style };
    let mut names: Option<Vec<Arc<str>>> = None;
    std::iter::from_fn(move || table.read(&mut names).transpose())
}

/// Returns the likely reason of a wrong number of fields.
fn hint(found: usize, expected: usize, style: TableStyle) -> String {
    if found < expected {
        "is the file cut off?".to_owned()
    } else if style.separator == b',' {
        "put a field with a separator in it in quotes".to_owned()
    } else {
        format!("fields are separated by {}: put a field with it in quotes", name(style.separator))
    }
}

/// Returns `true` if a field of a table with tabs contains a line with as many fields as the table.
fn encloses_rows(field: &str, names: usize) -> bool {
    names > 1 && field.lines().skip(1).any(|line| line.matches('\t').count() + 1 == names)
}

/// A reader of the rows of a table.
struct Table<R> {
    reader: csv::Reader<RowLimit<R>>,
    record: StringRecord,
    style: TableStyle,
}

impl<R: Read> Table<R> {
    /// Reads a row, and before the first one the header into `names`.
    fn read(&mut self, names: &mut Option<Vec<Arc<str>>>) -> Result<Option<ReadRow>, Fault> {
        let names = match names {
            Some(names) => names,
            empty => {
                let skipped = usize::from(self.style.has_separator_line);
                for _ in 0..=skipped {
                    if self.next().map_err(Fault::into_fatal)?.is_none() {
                        return Ok(None);
                    }
                }
                empty.insert(self.record.iter().map(|name| name.trim().into()).collect())
            }
        };
        let Some(line) = self.next()? else { return Ok(None) };
        let (found, expected) = (self.record.len(), names.len());
        if found != expected {
            let hint = hint(found, expected, self.style);
            let message = format!("{found} fields, but the header has {expected}: {hint}");
            return Err(Fault::row_at_line(line, message));
        }
        if self.style.is_unsure_of_quotes && self.record.iter().any(|field| encloses_rows(field, expected)) {
            let message = "a field that begins with a quote spans several rows: close the quote, or double it and put the \
                           field in quotes";
            return Err(Fault::row_at_line(line, message));
        }
        let cells = self.record.iter().map(|field| Cell::Text(field.into()));
        Ok(Some((Place::line(line), names.iter().cloned().zip(cells).collect())))
    }

    /// Reads a row into `record` and returns its first line. `None` at the end.
    fn next(&mut self) -> Result<Option<u64>, Fault> {
        self.reader.get_mut().begin_row();
        let begins = self.reader.position().line();
        if !self.reader.read_record(&mut self.record).map_err(|error| fault(error, begins))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(begins, csv::Position::line);
        match self.record.iter().next_back() {
            Some(END) if self.record.len() == 1 => Ok(None),
            Some(last) if last.ends_with(END) => Err(Fault::at_line(
                line,
                "the quote that opens in this row is never closed: is the file cut off?",
            )),
            _ => Ok(Some(line)),
        }
    }
}

/// Converts an error of the `csv` crate.
fn fault(error: csv::Error, line: u64) -> Fault {
    let line = error.position().map_or(line, csv::Position::line);
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Fault::at_line(line, "a row of more than 64 MiB: is a quote not closed?")
        }
        ErrorKind::Io(error) => Fault::Io(error),
        ErrorKind::Utf8 { err, .. } => Fault::row_at_line(
            line,
            format!("field {} is not UTF-8: save the file as UTF-8", err.field() + 1),
        ),
        other => Fault::at_line(line, format!("{other:?}")),
    }
}
