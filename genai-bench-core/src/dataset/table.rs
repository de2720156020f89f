//! Files of separated values, as RFC 4180 has them: `.csv`, and `.tsv` with tabs.

use std::io::{self, Read};
use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::error::{Fault, Place};
use super::row::Cell;
use super::rows::{LONGEST_ROW, ReadRow};

/// What is read after the end of the file. It is a row of its own, unless a quote is open: then it has become
/// a part of the last field, which the `csv` crate would take for whole.
const END: &str = "\u{3}end of file\u{3}";
const END_ROW: &[u8] = b"\n\x03end of file\x03";

/// Rows under a row of names.
pub(super) fn rows(from: impl Read, delimiter: u8) -> impl Iterator<Item = Result<ReadRow, Fault>> {
    let limited = Limited { from: from.chain(END_ROW), left: LONGEST_ROW };
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false).buffer_capacity(1 << 16);
    let mut table = Table { reader: builder.from_reader(limited), record: StringRecord::new() };
    let mut names: Option<Vec<Arc<str>>> = None;
    let mut read = move || {
        let names = match &mut names {
            Some(names) => names,
            empty => {
                if table.next().map_err(Fault::of_the_file)?.is_none() {
                    return Ok(None);
                }
                empty.insert(table.record.iter().map(|it| it.trim().into()).collect())
            }
        };
        let Some(line) = table.next()? else { return Ok(None) };
        let (found, wanted) = (table.record.len(), names.len());
        if found != wanted {
            let message =
                format!("{found} fields, where the first row names {wanted}: {}", hint(found, wanted));
            return Err(Fault::row_at_line(line, message));
        }
        let cells = table.record.iter().map(|it| Cell::Text(it.into()));
        Ok(Some((Place::line(line), names.iter().cloned().zip(cells).collect())))
    };
    std::iter::from_fn(move || read().transpose())
}

fn hint(found: usize, wanted: usize) -> &'static str {
    if found < wanted { "is the file cut off?" } else { "a field with a separator in it needs quotes" }
}

struct Table<R> {
    reader: csv::Reader<Limited<R>>,
    record: StringRecord,
}

impl<R: Read> Table<R> {
    /// Reads a row into `record` and says on which line it begins. Nothing at the end.
    fn next(&mut self) -> Result<Option<u64>, Fault> {
        self.reader.get_mut().left = LONGEST_ROW;
        let begins = self.reader.position().line();
        if !self.reader.read_record(&mut self.record).map_err(|it| fault(it, begins))? {
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

/// Gives up on a row that does not end.
struct Limited<R> {
    from: R,
    left: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = to.len().min(self.left);
        let read = self.from.read(&mut to[..length])?;
        self.left -= read;
        Ok(read)
    }
}
