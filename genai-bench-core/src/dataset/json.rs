//! Rows of JSON documents, which may be larger than memory.

use std::io::{self, Read};
use std::sync::Arc;

use super::conversation;
use super::error::{Fault, Place};
use super::row::Cell;
use super::rows::{ReadRow, named};

mod values;

use values::{ArrayMember, Elements, Values, array_members};

/// The name of the column of plain values.
const COLUMN: &str = "text";

/// Opens the rows of a document. The argument of `open` is the offset in bytes at which the stream begins.
///
/// - An array: each element is a row.
/// - An object with one array in it, such as `{"data": [...]}`: each element of that is a row.
/// - An object of arrays of the same length: each is a column.
/// - Any other object is a row, and so are the values that follow it: JSON Lines are found in files called `.json`.
pub(super) fn rows<R: Read>(mut open: impl FnMut(u64) -> io::Result<R>) -> Result<Document<R>, Fault> {
    let mut values = Values::new(open(0)?, 0, 1);
    values.skip_byte_order_mark()?;
    let rows = match values.peek()? {
        Some(b'[') => Rows::Array(Elements::new(values)),
        Some(b'{') => object_rows(open, values)?,
        _ => Rows::Loose(values),
    };
    Ok(Document { rows, row: 0 })
}

/// Opens the rows of a document that begins with an object.
fn object_rows<R: Read>(
    mut open: impl FnMut(u64) -> io::Result<R>,
    values: Values<R>,
) -> Result<Rows<R>, Fault> {
    let (offset, line) = (values.offset(), values.line());
    let (arrays, mut rest) = array_members(values)?;
    let is_alone = rest.peek()?.is_none();
    let mut open_array = |member: &ArrayMember| -> Result<_, Fault> {
        Ok(Elements::new(Values::new(open(member.offset)?, member.offset, member.line)))
    };
    match &arrays[..] {
        [one] if is_alone && !conversation::COLUMNS.contains(&&*one.name) => {
            Ok(Rows::Member(open_array(one)?, one.name.as_str().into()))
        }
        [first, others @ ..] if is_alone && !others.is_empty() => {
            if let Some(other) = others.iter().find(|other| other.length != first.length) {
                let message = format!(
                    "'{}' has {} elements and '{}' has {}: columns must have the same number",
                    first.name, first.length, other.name, other.length
                );
                return Err(Fault::at_line(other.line, message));
            }
            let columns = arrays.iter().map(|array| Ok((Arc::from(array.name.as_str()), open_array(array)?)));
            Ok(Rows::Columns(columns.collect::<Result<_, Fault>>()?))
        }
        _ => Ok(Rows::Loose(Values::new(open(offset)?, offset, line))),
    }
}

/// An iterator over the rows of a document.
pub(super) struct Document<R> {
    rows: Rows<R>,
    /// The number of rows that were read.
    row: u64,
}

enum Rows<R> {
    /// The elements of an array that is the whole document.
    Array(Elements<R>),
    /// The elements of an array in an object. Plain values are in a column of its name.
    Member(Elements<R>, Arc<str>),
    /// Arrays of columns, side by side.
    Columns(Vec<(Arc<str>, Elements<R>)>),
    /// Consecutive values.
    Loose(Values<R>),
}

impl<R: Read> Document<R> {
    fn read(&mut self) -> Result<Option<ReadRow>, Fault> {
        self.row += 1;
        let (next, name) = match &mut self.rows {
            Rows::Array(elements) => (elements.next_of_all()?, None),
            Rows::Member(elements, name) => (elements.next()?, Some(name.clone())),
            Rows::Columns(columns) => return side_by_side(columns, self.row),
            Rows::Loose(values) => (values.value()?, None),
        };
        let Some((line, value)) = next else { return Ok(None) };
        let name = name.unwrap_or_else(|| COLUMN.into());
        let place = Place::row_on_line(self.row, line);
        Ok(Some((place, named(parsed(value, place)?, &name))))
    }
}

/// Reads the next element of each column as a row.
fn side_by_side<R: Read>(
    columns: &mut [(Arc<str>, Elements<R>)],
    row: u64,
) -> Result<Option<ReadRow>, Fault> {
    let mut cells = Vec::with_capacity(columns.len());
    for (name, elements) in columns {
        let Some((line, value)) = elements.next()? else { return Ok(None) };
        cells.push(parsed(value, Place::row_on_line(row, line)).map(|cell| (name.clone(), cell)));
    }
    // A malformed value is reported only now, after each column was read, so that the columns stay side by side.
    Ok(Some((Place::row(row), cells.into_iter().collect::<Result<_, Fault>>()?)))
}

fn parsed(value: &[u8], place: Place) -> Result<Cell, Fault> {
    serde_json::from_slice(value).map_err(|error| Fault::json(place, &error, value))
}

impl<R: Read> Iterator for Document<R> {
    type Item = Result<ReadRow, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
