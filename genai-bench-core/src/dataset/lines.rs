//! Files whose rows are lines: plain text and JSON Lines.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use super::error::{Fault, Place};
use super::row::Cell;
use super::rows::{LONGEST_ROW, ReadRow, named};

/// The name of the column of plain text.
const COLUMN: &str = "text";

/// A reader of the lines that are not blank, with their numbers.
struct Lines<R> {
    from: BufReader<R>,
    line: Vec<u8>,
    number: u64,
}

impl<R: Read> Lines<R> {
    fn new(from: R) -> Self {
        Self { from: BufReader::with_capacity(1 << 16, from), line: Vec::new(), number: 0 }
    }

    /// Reads the next line, without the space around it. `None` at the end.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        loop {
            self.line.clear();
            self.number += 1;
            let length = (&mut self.from).take(LONGEST_ROW as u64 + 1).read_until(b'\n', &mut self.line)?;
            if length == 0 {
                return Ok(None);
            }
            if length > LONGEST_ROW {
                return Err(Fault::at_line(self.number, "a line of more than 64 MiB"));
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }
}

/// Returns the rows of plain text: a prompt on each line, without the space around it.
pub(super) fn text(from: impl Read) -> impl Iterator<Item = Result<ReadRow, Fault>> {
    let mut lines = Lines::new(from);
    let name: Arc<str> = COLUMN.into();
    std::iter::from_fn(move || text_row(&mut lines, &name).transpose())
}

fn text_row<R: Read>(lines: &mut Lines<R>, name: &Arc<str>) -> Result<Option<ReadRow>, Fault> {
    while let Some((number, line)) = lines.next()? {
        let text = std::str::from_utf8(line).map_err(|error| {
            let message = format!("not UTF-8 after {} bytes: save the file as UTF-8", error.valid_up_to());
            Fault::row_at_line(number, message)
        })?;
        if !text.trim().is_empty() {
            return Ok(Some((Place::line(number), vec![(name.clone(), Cell::Text(text.trim().into()))])));
        }
    }
    Ok(None)
}

/// Returns the rows of JSON Lines: a JSON value on each line.
pub(super) fn json(from: impl Read) -> impl Iterator<Item = Result<ReadRow, Fault>> {
    let mut lines = Lines::new(from);
    let name: Arc<str> = COLUMN.into();
    std::iter::from_fn(move || json_row(&mut lines, &name).transpose())
}

fn json_row<R: Read>(lines: &mut Lines<R>, name: &Arc<str>) -> Result<Option<ReadRow>, Fault> {
    let Some((number, line)) = lines.next()? else { return Ok(None) };
    let place = Place::line(number);
    let cell: Cell = serde_json::from_slice(line).map_err(|error| Fault::json(place, &error, line))?;
    Ok(Some((place, named(cell, name))))
}
