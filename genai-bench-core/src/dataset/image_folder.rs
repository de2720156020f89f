//! Folders of images, in the layout of Hugging Face's `imagefolder`.
//!
//! Each image is a row of `image`, `file_name`, and as `label` the name of its folder, unless that is the folder that was
//! opened. In a folder with a `metadata.jsonl` or `metadata.csv`, the rows are those of that file; their `file_name` is the
//! path of the image relative to the folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{DatasetError, Place};
use super::files::{METADATA, entries};
use super::format::is_image_name;
use super::row::{Cell, Origin, Row};
use super::rows::Rows;

/// Opens the rows of a folder. Memory is that of the names in one folder at each depth.
pub(super) fn rows(root: &Path) -> Result<Images, DatasetError> {
    let mut images = Images {
        root: root.to_owned(),
        origin: Origin::folder(root),
        ahead: Vec::new(),
        metadata: None,
        row: 0,
    };
    images.enter(root)?;
    Ok(images)
}

/// An iterator over the rows of a folder of images.
pub(super) struct Images {
    root: PathBuf,
    origin: Arc<Origin>,
    /// The files and folders still to be visited, the next one last.
    ahead: Vec<PathBuf>,
    metadata: Option<Rows>,
    row: u64,
}

impl Images {
    /// Starts reading a folder.
    fn enter(&mut self, folder: &Path) -> Result<(), DatasetError> {
        let described = METADATA.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        match described {
            Some(metadata) => self.metadata = Some(Rows::open(&metadata, None)?),
            None => self.ahead.extend(entries(folder)?.into_iter().rev()),
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Row>, DatasetError> {
        loop {
            if let Some(row) = self.metadata.as_mut().and_then(Iterator::next) {
                return described(row?).map(Some);
            }
            self.metadata = None;
            let Some(path) = self.ahead.pop() else { return Ok(None) };
            if path.is_dir() {
                self.enter(&path)?;
            } else if is_image_name(&path) {
                return self.plain(&path).map(Some);
            }
        }
    }

    /// Returns the row of an image without metadata.
    fn plain(&mut self, path: &Path) -> Result<Row, DatasetError> {
        self.row += 1;
        let place = Place::row(self.row);
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        let name = text(inside, path)?;
        let mut cells = vec![("image".into(), name.clone()), ("file_name".into(), name)];
        let folder = inside.parent().and_then(Path::file_name);
        if let Some(label) = folder {
            cells.push(("label".into(), text(label.as_ref(), path)?));
        }
        Ok(Row { origin: self.origin.clone(), place, cells })
    }
}

/// Returns a name of the file `path` as a cell.
fn text(name: &Path, path: &Path) -> Result<Cell, DatasetError> {
    match name.to_str() {
        Some(name) => Ok(Cell::Text(name.into())),
        None => Err(DatasetError::malformed(path, Place::default(), "the file's name is not UTF-8")),
    }
}

/// Adds the image to a row of a metadata file.
fn described(mut row: Row) -> Result<Row, DatasetError> {
    let image = row.required("file_name")?.clone();
    row.cells.retain(|(column, _)| &**column != "image");
    row.cells.insert(0, ("image".into(), image));
    Ok(row)
}

impl Iterator for Images {
    type Item = Result<Row, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
