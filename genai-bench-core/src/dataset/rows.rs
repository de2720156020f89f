//! Reading of files row by row.

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

/// The maximum length of a row in bytes. A file with a longer row is malformed or has another format.
pub(super) const LONGEST_ROW: usize = 64 << 20;

/// The place and the cells of a row, without its file.
pub(super) type ReadRow = (Place, Vec<(Arc<str>, Cell)>);

/// Returns the cells of a JSON value: its members, or the value itself under `name`.
pub(super) fn named(value: Cell, name: &Arc<str>) -> Vec<(Arc<str>, Cell)> {
    match value {
        Cell::Struct(members) => members,
        other => vec![(name.clone(), other)],
    }
}

/// An iterator over the rows of one file, in the memory of a row or a page.
///
/// It ends after an error, unless that is the error of a [single row](DatasetError::is_bad_row).
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
    /// Opens a file or a folder of images, by default in the format of its name. Compression by gzip or zstd, UTF-16 and the
    /// separator of a table are detected by the first bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its format is unknown or not supported.
    pub fn open(path: &Path, format: Option<Format>) -> Result<Self, DatasetError> {
        let format = format.or_else(|| path.is_dir().then_some(Format::ImageFolder));
        Self::open_inspected(InspectedFile::inspect(path, format)?)
    }

    /// Opens a file that has been inspected.
    pub(super) fn open_inspected(file: InspectedFile) -> Result<Self, DatasetError> {
        let path = file.path.clone();
        match file.format {
            Format::ImageFolder => Ok(Self::new(&path, image_folder::rows(&path)?)),
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                let open = std::fs::File::open(&path).map_err(|error| DatasetError::read(&path, error))?;
                let rows = super::parquet::rows(open).map_err(|fault| fault.in_file(&path))?;
                Ok(Self::from_reader(&path, rows))
            }
            format => {
                let style = file.table;
                Self::read_styled(&path, format, style, move |offset| file.open(offset))
            }
        }
    }

    /// Reads the stream that `open` returns as a file called `name`.
    ///
    /// The argument of `open` is the offset in bytes at which the stream begins. It is 0, and `open` is called once, except
    /// for a JSON object, whose columns are read side by side.
    ///
    /// # Errors
    ///
    /// If the stream cannot be read, or the format cannot be read from a stream: folders and Parquet.
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
        let mut from_start = || open(0).map_err(|error| DatasetError::read(name, error));
        match format {
            Format::Txt => Ok(Self::from_reader(name, lines::text(from_start()?))),
            Format::Jsonl => Ok(Self::from_reader(name, lines::json(from_start()?))),
            Format::Csv | Format::Tsv => {
                let usual = if format == Format::Csv { b',' } else { b'\t' };
                let style = style.unwrap_or_else(|| TableStyle::new(usual));
                Ok(Self::from_reader(name, table::rows(from_start()?, style)))
            }
            Format::Json => {
                Ok(Self::from_reader(name, json::rows(open).map_err(|fault| fault.in_file(name))?))
            }
            Format::Parquet if cfg!(not(feature = "parquet")) => {
                Err(DatasetError::malformed(name, Place::default(), "built without the feature `parquet`"))
            }
            Format::Parquet | Format::ImageFolder => Err(DatasetError::malformed(
                name,
                Place::default(),
                format!("{format} cannot be read from a stream"),
            )),
        }
    }

    fn new(path: &Path, from: impl Iterator<Item = Result<Row, DatasetError>> + Send + 'static) -> Self {
        Self { path: path.into(), from: Some(Box::new(from)) }
    }

    /// Creates the rows of a file from those of a reader, adding the path.
    fn from_reader(path: &Path, from: impl Iterator<Item = Result<ReadRow, Fault>> + Send + 'static) -> Self {
        let origin = Origin::file(path);
        let file = path.to_owned();
        Self::new(
            path,
            from.map(move |read| match read {
                Ok((place, cells)) => Ok(Row { origin: origin.clone(), place, cells }),
                Err(fault) => Err(fault.in_file(&file)),
            }),
        )
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
