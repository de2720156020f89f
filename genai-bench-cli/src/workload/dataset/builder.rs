//! The built-in builders of `datasets.load_dataset`, such as `json`, which read the files in `data_files`.

use std::path::Path;

use genai_bench_core::dataset::{Format, HuggingFaceArguments, RowSlice};

use super::{Selected, local};
use crate::failure::Failure;

/// The builders whose files can be read, each with its format.
const BUILDERS: [(&str, Format); 5] = [
    ("csv", Format::Csv),
    ("json", Format::Json),
    ("parquet", Format::Parquet),
    ("text", Format::Txt),
    ("imagefolder", Format::ImageFolder),
];
/// The builders whose files cannot be read.
const OTHERS: [&str; 6] = ["arrow", "audiofolder", "pandas", "videofolder", "webdataset", "xml"];

/// Returns the format of the builder `name`; `None` if there is no such builder.
pub(super) fn format(option: &str, name: &str) -> Result<Option<Format>, Failure> {
    if OTHERS.contains(&name) {
        let known: Vec<&str> = BUILDERS.iter().map(|builder| builder.0).collect();
        let problem = format!(
            "source.path '{name}' is a builder of load_dataset whose files cannot be read: supported are {}",
            known.join(", ")
        );
        return Err(Failure::option(option, problem));
    }
    Ok(BUILDERS.iter().find(|builder| builder.0 == name).map(|builder| builder.1))
}

/// Returns the files that the arguments name, relative to the working directory.
pub(super) fn select(
    option: &str,
    name: &str,
    format: Format,
    arguments: &HuggingFaceArguments,
    slices: &[(Option<String>, RowSlice)],
) -> Result<Selected, Failure> {
    if arguments.data_files.is_none() && arguments.data_dir.is_none() {
        let problem = format!(
            "source.path '{name}' stands for files: name them in huggingface_kwargs with data_files or data_dir"
        );
        return Err(Failure::option(option, problem));
    }
    // Only datasets have subsets, files have none.
    let mut arguments = arguments.clone();
    arguments.name = None;
    let mut selected = local::select(option, Path::new("."), &arguments, slices, Some(format))?;
    if selected.parts.iter().flat_map(|part| &part.paths).all(|path| is_of_builder(path, format)) {
        // The names of files distinguish JSON and JSON Lines.
        selected.format = None;
    }
    Ok(selected)
}

/// Returns `true` if the name of a path is that of a folder or of a file that the builder of a format reads.
fn is_of_builder(path: &Path, builder: Format) -> bool {
    path.is_dir() || Format::from_path(path).is_some_and(|format| reads(builder, format))
}

/// Returns `true` if the builder of one format reads files of another.
fn reads(builder: Format, other: Format) -> bool {
    builder == other || matches!((builder, other), (Format::Json, Format::Jsonl) | (Format::Csv, Format::Tsv))
}
