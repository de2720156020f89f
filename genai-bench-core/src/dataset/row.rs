//! Rows of files, and their cells.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::error::{DatasetError, Place};

/// The value of one column in one row.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// No value.
    Null,
    /// A Boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(Arc<str>),
    /// Bytes, such as those of an image.
    Bytes(Arc<[u8]>),
    /// Several values.
    List(Vec<Cell>),
    /// Several named values.
    Struct(Vec<(Arc<str>, Cell)>),
}

impl Cell {
    /// Returns a member of a struct by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Struct(members) = self else { return None };
        members.iter().find(|(member, _)| &**member == name).map(|(_, cell)| cell)
    }

    /// Returns the cell as text; `None` where it is null.
    ///
    /// # Errors
    ///
    /// The kind of the cell, if it has no text form.
    pub(super) fn text(&self) -> Result<Option<Arc<str>>, &'static str> {
        match self {
            Self::Null => Ok(None),
            Self::Bool(value) => Ok(Some(value.to_string().into())),
            Self::Number(value) => Ok(Some(value.to_string().into())),
            Self::Text(text) => Ok(Some(text.clone())),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.into())),
                Err(_) => Err("bytes"),
            },
            Self::List(_) => Err("a list"),
            Self::Struct(_) => Err("an object"),
        }
    }

    /// Returns the cell as a whole number, which it or its text may be.
    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(value) => value.as_u64().or_else(|| {
                let value =
                    value.as_f64().filter(|value| value.fract() == 0.0 && (0.0..=1e15).contains(value))?;
                format!("{value:.0}").parse().ok()
            }),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Shows the number of bytes in place of the bytes, which are those of images.
impl fmt::Debug for Cell {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => to.write_str("Null"),
            Self::Bool(it) => it.fmt(to),
            Self::Number(it) => it.fmt(to),
            Self::Text(it) => it.fmt(to),
            Self::Bytes(it) => write!(to, "{} bytes", it.len()),
            Self::List(it) => it.fmt(to),
            Self::Struct(it) => to.debug_map().entries(it.iter().map(|(name, cell)| (name, cell))).finish(),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnyCell;

        impl<'de> Visitor<'de> for AnyCell {
            type Value = Cell;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
                Ok(Cell::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
                Ok(Cell::Number(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
                Ok(Cell::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
                Ok(Number::from_f64(value).map_or(Cell::Null, Cell::Number))
            }

            fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
                Ok(Cell::Text(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Cell, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = from.next_element()? {
                    items.push(item);
                }
                Ok(Cell::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Cell, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = from.next_entry()? {
                    members.push((name, value));
                }
                Ok(Cell::Struct(members))
            }
        }

        from.deserialize_any(AnyCell)
    }
}

/// The name of a member.
struct Name(Arc<str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnyName;

        impl Visitor<'_> for AnyName {
            type Value = Name;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.into()))
            }
        }

        from.deserialize_str(AnyName)
    }
}

/// The file of rows.
#[derive(Debug)]
pub(super) struct Origin {
    path: PathBuf,
    /// The folder that paths in rows are relative to.
    folder: PathBuf,
}

impl Origin {
    /// Creates the origin of the rows of a file.
    pub(super) fn file(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }

    /// Creates the origin of the rows of a folder of images.
    pub(super) fn folder(path: &Path) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), folder: path.to_owned() })
    }
}

/// A row of a file: named cells, with their file and place.
#[derive(Clone, Debug)]
pub struct Row {
    pub(super) origin: Arc<Origin>,
    pub(super) place: Place,
    pub(super) cells: Vec<(Arc<str>, Cell)>,
}

impl Row {
    /// Returns the cell of a column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Cell> {
        self.cells.iter().find(|(column, _)| &**column == name).map(|(_, cell)| cell)
    }

    /// Returns the columns and their cells, in the order of the file.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.cells.iter().map(|(column, cell)| (&**column, cell))
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.origin.path
    }

    /// Returns the place of the row in the file.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the folder that paths in the row are relative to.
    pub(super) fn folder(&self) -> &Path {
        &self.origin.folder
    }

    /// Returns `true` if lists and objects have the members of all rows, null where a row has none, as in columnar files.
    pub(super) fn is_padded(&self) -> bool {
        self.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
    }

    /// Returns the cell of a column that the row must have.
    pub(super) fn required(&self, column: &str) -> Result<&Cell, DatasetError> {
        self.get(column).ok_or_else(|| DatasetError::NoColumn {
            path: self.path().to_owned(),
            place: self.place,
            column: column.to_owned(),
            available: self.names(),
        })
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        self.cells().map(|(column, _)| column.to_owned()).collect()
    }

    /// Creates the error of this row.
    pub(super) fn malformed(&self, message: impl Into<String>) -> DatasetError {
        DatasetError::bad_row(self.path(), self.place, message)
    }
}
