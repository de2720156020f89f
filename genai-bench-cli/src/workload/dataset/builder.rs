//! The builders that come with `datasets.load_dataset`, such as `json`: they read the files that `data_files` names.

use std::path::Path;

use genai_bench_core::dataset::{Format, HuggingFaceArguments, RowSlice};

use super::{Selected, local};
use crate::failure::Failure;

/// The builders whose files are read here, each with the format that it is of.
const BUILDERS: [(&str, Format); 5] = [
    ("csv", Format::Csv),
    ("json", Format::Json),
    ("parquet", Format::Parquet),
    ("text", Format::Txt),
    ("imagefolder", Format::ImageFolder),
];
/// The builders whose files are not read here.
const OTHERS: [&str; 6] = ["arrow", "audiofolder", "pandas", "videofolder", "webdataset", "xml"];

/// Returns the format of the builder that is called `name`; `None` where there is no such builder.
pub(super) fn format(option: &str, name: &str) -> Result<Option<Format>, Failure> {
    if OTHERS.contains(&name) {
        let known: Vec<&str> = BUILDERS.iter().map(|builder| builder.0).collect();
        let problem = format!(
            "source.path '{name}' is a builder of load_dataset whose files are not read here: known are {}",
            known.join(", ")
        );
        return Err(Failure::option(option, problem));
    }
    Ok(BUILDERS.iter().find(|builder| builder.0 == name).map(|builder| builder.1))
}

/// Returns the files that the arguments name, from the working directory on.
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
    // A subset is one of a dataset, and files have none.
    let mut arguments = arguments.clone();
    arguments.name = None;
    let mut selected = local::select(option, Path::new("."), &arguments, slices, Some(format))?;
    let is_of_builder =
        |path: &Path| path.is_dir() || Format::from_path(path).is_some_and(|it| reads(format, it));
    if selected.parts.iter().flat_map(|part| &part.paths).all(|path| is_of_builder(path)) {
        // JSON and JSON a line are told apart by their names.
        selected.format = None;
    }
    Ok(selected)
}

/// Returns whether the builder of one format reads files of another too.
fn reads(builder: Format, other: Format) -> bool {
    builder == other || matches!((builder, other), (Format::Json, Format::Jsonl) | (Format::Csv, Format::Tsv))
}
