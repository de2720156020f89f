//! Parquet files, read one row group at a time through the record interface, without Arrow.

use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::file::properties::ReaderProperties;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use ::parquet::file::serialized_reader::ReadOptionsBuilder;
use ::parquet::record::reader::{ReaderIter, TreeBuilder};
use ::parquet::record::{Field, Row};
use serde_json::Number;

use super::error::{Fault, Place};
use super::row::Cell;
use super::rows::ReadRow;

mod footer;
mod levels;
mod pages;
mod thrift;

use pages::BoundedGroup;

/// The approximate number of bytes of all columns that are decoded ahead.
const AHEAD: u64 = 4 << 20;
/// The maximum number of rows that are decoded ahead.
const ROWS_AHEAD: u64 = 1024;

/// Opens the rows of a file.
pub(super) fn rows(file: File) -> Result<Groups, Fault> {
    footer::check(&file).map_err(not_parquet)?;
    let pages = file.try_clone()?;
    // LZ4 files from before 2020, in a framing that has no bound on the unpacked size, are refused.
    let properties = ReaderProperties::builder().set_backward_compatible_lz4(false).build();
    let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
    let reader = caught(|| SerializedFileReader::new_with_options(file, options)).map_err(not_parquet)?;
    let reader = reader.map_err(not_parquet)?;
    Ok(Groups { reader, pages, next_group: 0, group: None, row: 0, names: Vec::new() })
}

fn not_parquet(error: impl fmt::Display) -> Fault {
    Fault::Wrong(Place::default(), format!("not a Parquet file, or cut off: {error}"))
}

/// An iterator over the rows of all row groups.
pub(super) struct Groups {
    reader: SerializedFileReader<File>,
    /// The same file, for the headers of pages.
    pages: File,
    next_group: usize,
    group: Option<ReaderIter>,
    /// The number of rows that were read.
    row: u64,
    /// The names of the columns of the previous row, which are nearly always those of the next.
    names: Vec<Arc<str>>,
}

impl Groups {
    fn read(&mut self) -> Result<Option<ReadRow>, Fault> {
        loop {
            if let Some(row) = self.group.as_mut().and_then(Iterator::next) {
                self.row += 1;
                let row = row.map_err(|error| self.fault(&error))?;
                return Ok(Some((Place::row(self.row), self.cells(row))));
            }
            if self.next_group == self.reader.num_row_groups() {
                return Ok(None);
            }
            self.group = Some(self.open_group()?);
            self.next_group += 1;
        }
    }

    /// Opens the next row group.
    fn open_group(&self) -> Result<ReaderIter, Fault> {
        let group = self.reader.get_row_group(self.next_group).map_err(|error| self.fault(&error))?;
        let group = BoundedGroup::new(group, &self.pages);
        let metadata = group.metadata();
        let bytes = u64::try_from(metadata.total_byte_size()).unwrap_or_default();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or_default().max(1);
        let ahead = (AHEAD.saturating_mul(rows) / bytes.max(1)).clamp(1, ROWS_AHEAD);
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let builder = TreeBuilder::new().with_batch_size(usize::try_from(ahead).unwrap_or(1));
        builder.as_iter(schema, &group).map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &::parquet::errors::ParquetError) -> Fault {
        Fault::Wrong(Place::row(self.row.max(1)), format!("cannot be decoded: {error}"))
    }

    fn cells(&mut self, row: Row) -> Vec<(Arc<str>, Cell)> {
        let columns = row.into_columns();
        self.names.resize_with(columns.len(), || "".into());
        let cells = columns.into_iter().zip(&mut self.names).map(|((name, field), known)| {
            if **known != *name {
                *known = name.into();
            }
            (known.clone(), cell(field))
        });
        cells.collect()
    }
}

impl Iterator for Groups {
    type Item = Result<ReadRow, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = Place::row(self.row + 1);
        caught(|| self.read())
            .unwrap_or_else(|problem| Err(Fault::Wrong(place, format!("cannot be decoded: {problem}"))))
            .transpose()
    }
}

/// Runs a part of the reader, which panics on some damaged files, and returns a panic as an error.
fn caught<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|panic| match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => "the file is damaged".to_owned(),
    })
}

fn cell(field: Field) -> Cell {
    match field {
        Field::Null => Cell::Null,
        Field::Bool(it) => Cell::Bool(it),
        Field::Byte(it) => Cell::Number(it.into()),
        Field::Short(it) => Cell::Number(it.into()),
        Field::Int(it) => Cell::Number(it.into()),
        Field::Long(it) => Cell::Number(it.into()),
        Field::UByte(it) => Cell::Number(it.into()),
        Field::UShort(it) => Cell::Number(it.into()),
        Field::UInt(it) => Cell::Number(it.into()),
        Field::ULong(it) => Cell::Number(it.into()),
        Field::Float16(it) => float(it.into()),
        Field::Float(it) => float(it.into()),
        Field::Double(it) => float(it),
        Field::Str(it) => Cell::Text(it.into()),
        Field::Bytes(it) => Cell::Bytes(it.data().into()),
        Field::Group(row) => Cell::Struct(members(row)),
        Field::ListInternal(list) => Cell::List(list.elements().iter().cloned().map(cell).collect()),
        Field::MapInternal(map) => Cell::Struct(
            map.entries().iter().map(|(name, value)| (text(name).into(), cell(value.clone()))).collect(),
        ),
        other => Cell::Text(other.to_string().into()),
    }
}

fn members(row: Row) -> Vec<(Arc<str>, Cell)> {
    row.into_columns().into_iter().map(|(name, field)| (name.into(), cell(field))).collect()
}

fn text(field: &Field) -> String {
    match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

fn float(value: f64) -> Cell {
    Number::from_f64(value).map_or(Cell::Null, Cell::Number)
}
