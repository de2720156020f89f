//! Which files a path stands for.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{DatasetError, Place};
use super::format::{Format, is_image_name};

/// Files that tell of a dataset and are no part of it.
const ABOUT: [&str; 5] =
    ["dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "requirements.txt"];
/// Files that say something of each image of a folder.
pub(super) const METADATA: [&str; 2] = ["metadata.jsonl", "metadata.csv"];

/// The files to read for a path, in the order of their names. A folder of images stands for itself.
pub(super) fn files_of(path: &Path, format: Option<Format>) -> Result<Vec<(PathBuf, Format)>, DatasetError> {
    if !path.is_dir() {
        let known = format.or_else(|| Format::of(path));
        let known = known.ok_or_else(|| DatasetError::UnknownFormat { path: path.to_owned() })?;
        return Ok(vec![(path.to_owned(), known)]);
    }
    if format == Some(Format::ImageFolder) {
        return Ok(vec![(path.to_owned(), Format::ImageFolder)]);
    }
    let mut found = Found::default();
    found.walk(path)?;
    if format.is_none() && (found.has_metadata || found.data.is_empty()) && found.has_images {
        return Ok(vec![(path.to_owned(), Format::ImageFolder)]);
    }
    let mut data = found.data;
    data.retain(|it| format.is_none_or(|wanted| it.1 == wanted));
    let Some(&(_, first)) = data.first() else {
        let wanted = format.map_or("files".to_owned(), |it| format!("{it} files"));
        return Err(DatasetError::empty(path, format!("no {wanted} in this folder that could be read")));
    };
    if let Some((other, another)) = data.iter().find(|it| it.1 != first) {
        let message = format!(
            "holds {first} files and {another} files, such as {}: name those to read, or say which with file_format",
            other.display()
        );
        return Err(DatasetError::malformed(path, Place::default(), message));
    }
    Ok(data)
}

#[derive(Default)]
struct Found {
    data: Vec<(PathBuf, Format)>,
    has_images: bool,
    has_metadata: bool,
}

impl Found {
    fn walk(&mut self, folder: &Path) -> Result<(), DatasetError> {
        for path in entries(folder)? {
            let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            if path.is_dir() {
                self.walk(&path)?;
            } else if is_image_name(&path) {
                self.has_images = true;
            } else if METADATA.contains(&name) {
                self.has_metadata = true;
                self.data.extend(Format::of(&path).map(|it| (path, it)));
            } else if !ABOUT.contains(&name) {
                self.data.extend(Format::of(&path).map(|it| (path, it)));
            }
        }
        Ok(())
    }
}

/// What is in a folder and not hidden, in the order of names.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let failed = |it| DatasetError::read(folder, it);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}
