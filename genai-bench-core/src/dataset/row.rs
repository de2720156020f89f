//! A row as it stands in a file: named cells.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::error::{DatasetError, Place};

/// What stands under one name in one row.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// Nothing.
    Null,
    /// True or false.
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
    /// The value of this name, in a struct.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Struct(members) = self else { return None };
        members.iter().find(|it| &*it.0 == name).map(|it| &it.1)
    }

    /// What it says, where it is text or something that is written in one way only. Nothing where it is null.
    ///
    /// # Errors
    ///
    /// What it is instead.
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

    /// The whole number that it is, or that its text is.
    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(value) => value.as_u64().or_else(|| {
                let value = value.as_f64().filter(|it| it.fract() == 0.0 && (0.0..=1e15).contains(it))?;
                format!("{value:.0}").parse().ok()
            }),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Bytes are told by their number: nobody reads an image.
impl fmt::Debug for Cell {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => to.write_str("Null"),
            Self::Bool(it) => it.fmt(to),
            Self::Number(it) => it.fmt(to),
            Self::Text(it) => it.fmt(to),
            Self::Bytes(it) => write!(to, "{} bytes", it.len()),
            Self::List(it) => it.fmt(to),
            Self::Struct(it) => to.debug_map().entries(it.iter().map(|it| (&it.0, &it.1))).finish(),
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

/// The file that rows come from.
#[derive(Debug)]
pub(super) struct Origin {
    path: PathBuf,
    /// What paths in it are relative to.
    folder: PathBuf,
}

impl Origin {
    pub(super) fn file(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }

    pub(super) fn folder(path: &Path) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), folder: path.to_owned() })
    }
}

/// Named cells, and where they stand.
#[derive(Clone, Debug)]
pub struct Row {
    pub(super) origin: Arc<Origin>,
    pub(super) place: Place,
    pub(super) cells: Vec<(Arc<str>, Cell)>,
}

impl Row {
    /// What stands under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Cell> {
        self.cells.iter().find(|it| &*it.0 == name).map(|it| &it.1)
    }

    /// The names and what stands under them, in the order of the file.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.cells.iter().map(|it| (&*it.0, &it.1))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.origin.path
    }

    /// Where in the file.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// What paths in it are relative to.
    pub(super) fn folder(&self) -> &Path {
        &self.origin.folder
    }

    /// Returns whether lists and objects have members of other rows in them, which are null: columns of a file give
    /// every row the same members.
    pub(super) fn is_padded(&self) -> bool {
        self.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
    }

    pub(super) fn required(&self, column: &str) -> Result<&Cell, DatasetError> {
        self.get(column).ok_or_else(|| DatasetError::NoColumn {
            path: self.path().to_owned(),
            place: self.place,
            column: column.to_owned(),
            available: self.names(),
        })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.cells().map(|it| it.0.to_owned()).collect()
    }

    pub(super) fn malformed(&self, message: impl Into<String>) -> DatasetError {
        DatasetError::bad_row(self.path(), self.place, message)
    }
}
