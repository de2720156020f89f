//! Datasets in folders and files on this machine, with the arguments of `datasets.load_dataset`.

use std::path::{Path, PathBuf};

use genai_bench_backends::hub::{self, DatasetSelection};
use genai_bench_core::dataset::{Format, HuggingFaceArguments, Part, RowSlice, is_beside_data};

use super::arguments::{endings, patterns};
use super::{Selected, listed};
use crate::failure::Failure;

/// The split of a single file.
const ALL: &str = "train";

/// Returns the files at `path`, and their rows, that the arguments select. `format` takes precedence over the names of files.
pub(super) fn select(
    option: &str,
    path: &Path,
    arguments: &HuggingFaceArguments,
    slices: &[(Option<String>, RowSlice)],
    format: Option<Format>,
) -> Result<Selected, Failure> {
    let mut selected = Selected { format, ..Selected::default() };
    for (split, rows) in slices {
        let paths = if path.is_dir() {
            files_of_split(option, path, split.as_deref(), arguments, &mut selected)?
        } else {
            file(option, path, split.as_deref())?
        };
        selected.parts.push(Part::new(paths, *rows));
    }
    Ok(selected)
}

fn file(option: &str, path: &Path, split: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    match split {
        None | Some(ALL) => Ok(vec![path.to_owned()]),
        Some(split) => {
            let problem = format!("{}: no split '{split}': a file is the split '{ALL}'", path.display());
            Err(Failure::option(option, problem))
        }
    }
}

/// Returns the files of a split in a folder, and adds notes on files that are not read.
fn files_of_split(
    option: &str,
    folder: &Path,
    split: Option<&str>,
    arguments: &HuggingFaceArguments,
    selected: &mut Selected,
) -> Result<Vec<PathBuf>, Failure> {
    let patterns = patterns(option, arguments, split)?;
    let selection = DatasetSelection {
        config: arguments.name.clone(),
        split: split.map(str::to_owned),
        data_files: patterns.patterns.clone(),
        folder: arguments.data_dir.clone(),
        endings: selected.format.map(endings).unwrap_or_default(),
    };
    let found = hub::dataset_files_in(folder, &selection);
    let found = found.map_err(|error| Failure::option(option, format!("{}: {error}", folder.display())))?;
    let place = folder.display();
    let (chosen, others) = match patterns.split {
        Some(chosen) => (Some(chosen), patterns.other_splits),
        None => (found.split, found.other_splits),
    };
    if let (None, Some(chosen)) = (split, chosen) {
        selected.note_split(&place, &chosen, &others);
    }
    let not_read: Vec<PathBuf> = found.not_read.into_iter().filter(|path| !is_beside_data(path)).collect();
    if !not_read.is_empty() {
        selected.note(format!("{place}: no rows are read from {}", listed(&not_read)));
    }
    let has_wildcards = patterns.patterns.iter().any(|pattern| pattern.contains('*'));
    Ok(found.paths.into_iter().filter(|path| !has_wildcards || !is_beside_data(path)).collect())
}
