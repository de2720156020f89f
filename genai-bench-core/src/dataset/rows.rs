//! The rows of a file, one after another.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::error::{DatasetError, Fault, Place};
use super::format::Format;
use super::inspect::InspectedFile;
use super::row::{Cell, Origin, Row};
use super::separator::TableStyle;
use super::{image_folder, json, lines, table};

/// The longest row that is read, in bytes. A file that is longer than that without an end of a row is broken,
/// or is not of the kind that it is taken for.
pub(super) const LONGEST_ROW: usize = 64 << 20;

/// A row as a reader finds it: it does not know its file.
pub(super) type ReadRow = (Place, Vec<(Arc<str>, Cell)>);

/// The cells of a JSON value: its members, or itself under `name`.
pub(super) fn named(value: Cell, name: &Arc<str>) -> Vec<(Arc<str>, Cell)> {
    match value {
        Cell::Struct(members) => members,
        other => vec![(name.clone(), other)],
    }
}

/// The rows of one file, read as they are asked for: memory is that of a row or a page, not of the file.
///
/// After an error that is not of a [single row](DatasetError::is_bad_row) there are no more.
///
/// ```
/// use genai_bench_core::dataset::{Format, Rows};
///
/// let csv = "prompt,n\n\"two\nlines\",1\nshort\n";
/// let mut rows = Rows::read("q.csv".as_ref(), Format::Csv, move |_| Ok(csv.as_bytes()))?;
/// let first = rows.next().unwrap()?;
/// assert_eq!(format!("{:?}", first.get("prompt").unwrap()), r#""two\nlines""#);
/// assert!(rows.next().unwrap().unwrap_err().to_string().starts_with("q.csv line 4: 1 fields"));
/// # Ok::<(), genai_bench_core::dataset::DatasetError>(())
/// ```
pub struct Rows {
    path: Arc<Path>,
    from: Option<Box<dyn Iterator<Item = Result<Row, DatasetError>> + Send>>,
}

impl Rows {
    /// Opens a file, or a folder of images, of this kind; by default of the kind that its name says. Its first bytes say
    /// whether it is compressed by gzip or zstd or in UTF-16, and what separates the fields of a table.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or its kind is not known or not read.
    pub fn open(path: &Path, format: Option<Format>) -> Result<Self, DatasetError> {
        let format = format.or_else(|| path.is_dir().then_some(Format::ImageFolder));
        Self::open_inspected(InspectedFile::inspect(path, format)?)
    }

    /// Opens a file whose first bytes have been looked at.
    pub(super) fn open_inspected(file: InspectedFile) -> Result<Self, DatasetError> {
        let path = file.path.clone();
        match file.format {
            Format::ImageFolder => Ok(Self::new(&path, image_folder::rows(&path)?)),
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                let open = std::fs::File::open(&path).map_err(|it| DatasetError::read(&path, it))?;
                let rows = super::parquet::rows(open).map_err(|it| it.of(&path))?;
                Ok(Self::from_faulty(&path, rows))
            }
            format => {
                let style = file.table;
                Self::read_styled(&path, format, style, move |offset| file.open(offset))
            }
        }
    }

    /// Reads what `open` gives, as if it were a file called `name`.
    ///
    /// `open` is told the byte to begin at. That is 0, and it is called once, but for a JSON object: its
    /// columns are read side by side.
    ///
    /// # Errors
    ///
    /// When it cannot be read, and for kinds that are no stream of bytes: folders and parquet.
    pub fn read<R: Read + Send + 'static>(
        name: &Path,
        format: Format,
        open: impl FnMut(u64) -> io::Result<R>,
    ) -> Result<Self, DatasetError> {
        Self::read_styled(name, format, None, open)
    }

    fn read_styled<R: Read + Send + 'static>(
        name: &Path,
        format: Format,
        style: Option<TableStyle>,
        mut open: impl FnMut(u64) -> io::Result<R>,
    ) -> Result<Self, DatasetError> {
        let failed = |it| DatasetError::read(name, it);
        match format {
            Format::Txt => Ok(Self::from_faulty(name, lines::text(open(0).map_err(failed)?))),
            Format::Jsonl => Ok(Self::from_faulty(name, lines::json(open(0).map_err(failed)?))),
            Format::Csv | Format::Tsv => {
                let usual = if format == Format::Csv { b',' } else { b'\t' };
                let style = style.unwrap_or_else(|| TableStyle::new(usual));
                Ok(Self::from_faulty(name, table::rows(open(0).map_err(failed)?, style)))
            }
            Format::Json => Ok(Self::from_faulty(name, json::rows(open).map_err(|it| it.of(name))?)),
            Format::Parquet if cfg!(not(feature = "parquet")) => {
                Err(DatasetError::malformed(name, Place::default(), "built without the feature `parquet`"))
            }
            Format::Parquet | Format::ImageFolder => Err(DatasetError::malformed(
                name,
                Place::default(),
                format!("{format} is no stream of bytes"),
            )),
        }
    }

    fn new(path: &Path, from: impl Iterator<Item = Result<Row, DatasetError>> + Send + 'static) -> Self {
        Self { path: path.into(), from: Some(Box::new(from)) }
    }

    fn from_faulty(path: &Path, from: impl Iterator<Item = Result<ReadRow, Fault>> + Send + 'static) -> Self {
        let origin = Origin::file(path);
        let file = path.to_owned();
        let row = move |it: Result<ReadRow, Fault>| match it {
            Ok((place, cells)) => Ok(Row { origin: origin.clone(), place, cells }),
            Err(fault) => Err(fault.of(&file)),
        };
        Self::new(path, from.map(row))
    }
}

impl Iterator for Rows {
    type Item = Result<Row, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.from.as_mut()?.next();
        let can_go_on = match &next {
            Some(Ok(_)) => true,
            Some(Err(error)) => error.is_bad_row(),
            None => false,
        };
        if !can_go_on {
            self.from = None;
        }
        next
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Rows of {}", self.path.display())
    }
}
