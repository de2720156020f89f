//! Folders of images, as Hugging Face's `imagefolder` has them.
//!
//! Each image is a row: `image`, `file_name`, and as `label` the folder that it is in, if that is not the one
//! that was opened. Where a folder has a `metadata.jsonl` or `metadata.csv`, its rows are those of that file, in
//! their order: `file_name` says which image each belongs to, from that folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{DatasetError, Place};
use super::files::{METADATA, entries};
use super::format::is_image_name;
use super::row::{Cell, Origin, Row};
use super::rows::Rows;

/// The rows of a folder. Memory is that of the names in one folder at each depth.
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

/// The rows of a folder of images.
pub(super) struct Images {
    root: PathBuf,
    origin: Arc<Origin>,
    /// What is still to be looked at, the next last.
    ahead: Vec<PathBuf>,
    metadata: Option<Rows>,
    row: u64,
}

impl Images {
    fn enter(&mut self, folder: &Path) -> Result<(), DatasetError> {
        let described = METADATA.iter().map(|it| folder.join(it)).find(|it| it.is_file());
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

    /// The row of an image of which nothing is said.
    fn plain(&mut self, path: &Path) -> Result<Row, DatasetError> {
        self.row += 1;
        let place = Place::row(self.row);
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        let text = |it: &Path| match it.to_str() {
            Some(name) => Ok(Cell::Text(name.into())),
            None => Err(DatasetError::malformed(path, Place::default(), "the file's name is not UTF-8")),
        };
        let mut cells = vec![("image".into(), text(inside)?), ("file_name".into(), text(inside)?)];
        let folder = inside.parent().and_then(Path::file_name);
        if let Some(label) = folder {
            cells.push(("label".into(), text(label.as_ref())?));
        }
        Ok(Row { origin: self.origin.clone(), place, cells })
    }
}

/// A row of a metadata file, with its image.
fn described(mut row: Row) -> Result<Row, DatasetError> {
    let image = row.required("file_name")?.clone();
    row.cells.retain(|it| &*it.0 != "image");
    row.cells.insert(0, ("image".into(), image));
    Ok(row)
}

impl Iterator for Images {
    type Item = Result<Row, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
