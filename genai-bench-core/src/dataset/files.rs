//! The data files of a path.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::{DatasetError, Place};
use super::format::{Format, is_image_name};
use super::inspect::{FileNotes, InspectedFile, listed};

/// The names of files that describe a dataset, and would be data by their suffixes.
const ABOUT: [&str; 7] = [
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dataset_dict.json",
    "state.json",
    "requirements.txt",
    "license.txt",
];
/// The names, without suffixes, of documents that accompany data.
const BESIDE: [&str; 10] = [
    "authors",
    "changelog",
    "citation",
    "contributing",
    "copying",
    "licence",
    "license",
    "makefile",
    "notice",
    "readme",
];
/// The suffixes of files that accompany data: programs, settings, checksums and documents.
const BESIDE_ENDINGS: [&str; 14] =
    ["bib", "cfg", "cff", "ini", "ipynb", "lock", "md", "md5", "py", "rst", "sha256", "sh", "toml", "yaml"];
/// The names of files with columns for the images of a folder.
pub(super) const METADATA: [&str; 2] = ["metadata.jsonl", "metadata.csv"];

/// Returns `true` if a file is known to accompany data without being data: a licence, a description, a program, a
/// configuration. Such a file is skipped without a note.
///
/// ```
/// use genai_bench_core::dataset::is_beside_data;
///
/// assert!(is_beside_data("clone/LICENSE".as_ref()));
/// assert!(!is_beside_data("clone/prompts.docx".as_ref()));
/// ```
#[must_use]
pub fn is_beside_data(path: &Path) -> bool {
    let (name, stem, ending) =
        (lowercase(path.file_name()), lowercase(path.file_stem()), lowercase(path.extension()));
    let is_document = Format::from_path(path).is_none_or(|format| format == Format::Txt);
    name.starts_with('.')
        || ABOUT.contains(&&*name)
        || BESIDE_ENDINGS.contains(&&*ending)
        || ending == "yml"
        || (is_document && BESIDE.contains(&&*stem))
}

fn lowercase(part: Option<&OsStr>) -> String {
    part.and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase()
}

/// Returns the data files of a path, in the order of their names. A folder of images is one entry.
pub(super) fn files_of(
    path: &Path,
    format: Option<Format>,
    notes: &mut FileNotes,
) -> Result<Vec<InspectedFile>, DatasetError> {
    let files = if path.is_dir() {
        let (data, not_read) = files_in(path, format)?;
        if !not_read.is_empty() {
            notes.add(&format!("no rows are read from {}", listed(&not_read)), path);
        }
        data
    } else {
        vec![(path.to_owned(), format)]
    };
    let files: Vec<InspectedFile> =
        files.iter().map(|(file, format)| InspectedFile::inspect(file, *format)).collect::<Result<_, _>>()?;
    for file in &files {
        for note in &file.notes {
            notes.add(note, &file.path);
        }
    }
    Ok(files)
}

type Files = Vec<(PathBuf, Option<Format>)>;

/// Returns the files of a folder that are read, and those that are not, the latter relative to the folder.
fn files_in(folder: &Path, format: Option<Format>) -> Result<(Files, Vec<PathBuf>), DatasetError> {
    let as_images = (vec![(folder.to_owned(), Some(Format::ImageFolder))], Vec::new());
    if format == Some(Format::ImageFolder) {
        return Ok(as_images);
    }
    let mut found = Found::default();
    found.walk(folder)?;
    if format.is_none() && (found.has_metadata || found.data.is_empty()) && !found.images.is_empty() {
        let others = found.data.into_iter().map(|(path, _)| path);
        let others = others.filter(|path| !METADATA.iter().any(|name| path.ends_with(name)));
        found.others.extend(others);
        return Ok((as_images.0, inside(folder, found.others)));
    }
    let (data, other_data): (Vec<_>, Vec<_>) =
        found.data.into_iter().partition(|file| format.is_none_or(|format| file.1 == format));
    found.others.extend(found.images);
    found.others.extend(other_data.into_iter().map(|file| file.0));
    let not_read = inside(folder, found.others);
    let Some(&(_, first)) = data.first() else {
        let kind = format.map_or("files".to_owned(), |format| format!("{format} files"));
        let mut message = format!("no {kind} in this folder that could be read");
        if !not_read.is_empty() {
            message = format!("{message}; there are: {}", listed(&not_read));
        }
        return Err(DatasetError::empty(folder, message));
    };
    if let Some((other, another)) = data.iter().find(|file| !is_same_family(file.1, first)) {
        let message = format!(
            "holds {first} files and {another} files, such as {}: name the files to read, or choose a format with \
             --dataset-format or file_format",
            other.display()
        );
        return Err(DatasetError::malformed(folder, Place::default(), message));
    }
    Ok((data.into_iter().map(|(path, format)| (path, Some(format))).collect(), not_read))
}

/// Returns `true` if files of two formats may be in one dataset: JSON and JSON Lines, or CSV and TSV.
fn is_same_family(one: Format, other: Format) -> bool {
    family(one) == family(other)
}

fn family(format: Format) -> Format {
    match format {
        Format::Jsonl => Format::Json,
        Format::Tsv => Format::Csv,
        other => other,
    }
}

/// Returns paths relative to a folder, sorted.
fn inside(folder: &Path, files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        files.into_iter().map(|path| path.strip_prefix(folder).map(Path::to_owned).unwrap_or(path)).collect();
    files.sort_unstable();
    files
}

/// The files of a folder and its subfolders.
#[derive(Default)]
struct Found {
    data: Vec<(PathBuf, Format)>,
    images: Vec<PathBuf>,
    /// The files whose names are not those of data.
    others: Vec<PathBuf>,
    has_metadata: bool,
}

impl Found {
    /// Adds the files of a folder.
    fn walk(&mut self, folder: &Path) -> Result<(), DatasetError> {
        for path in entries(folder)? {
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            self.has_metadata |= METADATA.contains(&name);
            if path.is_dir() {
                self.walk(&path)?;
            } else if is_image_name(&path) {
                self.images.push(path);
            } else if !is_beside_data(&path) {
                match Format::from_path(&path) {
                    Some(format) => self.data.push((path, format)),
                    None => self.others.push(path),
                }
            }
        }
        Ok(())
    }
}

/// Returns the entries of a folder that are not hidden, in the order of names.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let failed = |error| DatasetError::read(folder, error);
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
