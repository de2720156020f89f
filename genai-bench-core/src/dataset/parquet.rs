//! Parquet files, read row group by row group through the record interface, without Arrow.

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

/// How many bytes of each column are decoded ahead, about.
const AHEAD: u64 = 4 << 20;
/// How many rows are decoded ahead at most.
const ROWS_AHEAD: u64 = 1024;

/// The rows of a file.
pub(super) fn rows(file: File) -> Result<Groups, Fault> {
    let wrong = |error: &dyn fmt::Display| {
        Fault::Wrong(Place::default(), format!("not a parquet file, or cut off: {error}"))
    };
    footer::check(&file).map_err(|it| wrong(&it))?;
    let pages = file.try_clone()?;
    // Files from before 2020 that call another format LZ4 are not read: nothing bounds what they unpack to.
    let properties = ReaderProperties::builder().set_backward_compatible_lz4(false).build();
    let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
    let reader = caught(|| SerializedFileReader::new_with_options(file, options)).map_err(|it| wrong(&it))?;
    let reader = reader.map_err(|it| wrong(&it))?;
    Ok(Groups { reader, pages, next_group: 0, group: None, row: 0, names: Vec::new() })
}

/// The rows of one group after another.
pub(super) struct Groups {
    reader: SerializedFileReader<File>,
    /// The same file, for the headers of pages.
    pages: File,
    next_group: usize,
    group: Option<ReaderIter>,
    /// How many rows were read.
    row: u64,
    /// Those of the row before: nearly always they are the same.
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

    fn open_group(&self) -> Result<ReaderIter, Fault> {
        let group = self.reader.get_row_group(self.next_group).map_err(|it| self.fault(&it))?;
        let group = BoundedGroup::new(group, &self.pages);
        let metadata = group.metadata();
        let bytes = u64::try_from(metadata.total_byte_size()).unwrap_or_default();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or_default().max(1);
        let ahead = (AHEAD.saturating_mul(rows) / bytes.max(1)).clamp(1, ROWS_AHEAD);
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let builder = TreeBuilder::new().with_batch_size(usize::try_from(ahead).unwrap_or(1));
        builder.as_iter(schema, &group).map_err(|it| self.fault(&it))
    }

    fn fault(&self, error: &::parquet::errors::ParquetError) -> Fault {
        Fault::Wrong(Place::row(self.row.max(1)), format!("cannot be decoded: {error}"))
    }

    fn cells(&mut self, row: Row) -> Vec<(Arc<str>, Cell)> {
        let columns = row.into_columns();
        self.names.resize_with(columns.len(), || "".into());
        let named = columns.into_iter().zip(&mut self.names).map(|((name, field), known)| {
            if **known != *name {
                *known = name.into();
            }
            (known.clone(), cell(field))
        });
        named.collect()
    }
}

impl Iterator for Groups {
    type Item = Result<ReadRow, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = Place::row(self.row + 1);
        let broken = |it| Err(Fault::Wrong(place, format!("cannot be decoded: {it}")));
        caught(|| self.read()).unwrap_or_else(broken).transpose()
    }
}

/// Runs a part of the reader. It panics over some files that are damaged.
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
        Field::MapInternal(map) => {
            let member = |(name, value): &(Field, Field)| (text(name).into(), cell(value.clone()));
            Cell::Struct(map.entries().iter().map(member).collect())
        }
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
