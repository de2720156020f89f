//! The arguments of `datasets.load_dataset`: their check, and the files and splits that they name.

use genai_bench_core::dataset::{DataFiles, Format, HuggingFaceArguments, RowSlice, SplitSlice};

use crate::console::note;
use crate::failure::Failure;

/// The split of files that are named without one.
const ALL: &str = "train";

/// The patterns of `data_files` for one split.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) patterns: Vec<String>,
    /// The split of the patterns; `None` if no files are named.
    pub(super) split: Option<String>,
    pub(super) other_splits: Vec<String>,
}

/// Checks that all arguments are known, and prints a note for those that have no effect.
pub(super) fn check(option: &str, arguments: &HuggingFaceArguments) -> Result<(), Failure> {
    if let Some(name) = arguments.unknown().first() {
        let problem = format!(
            "huggingface_kwargs: '{name}' is not known: supported are name, split, revision, data_dir, data_files, \
             cache_dir and token; leave it out, or write the rows it makes to a .jsonl file and use source.type \"file\""
        );
        return Err(Failure::option(option, problem));
    }
    let names = arguments.without_effect().join(", ");
    if !names.is_empty() {
        note(format!(
            "--{option}: huggingface_kwargs without effect: {names}: rows are read one by one from files that are fetched \
             where the hub has newer ones, and no code of a dataset is run"
        ));
    }
    Ok(())
}

/// Prints a note on arguments that only apply to a hub.
pub(super) fn note_unused(option: &str, place: &str, arguments: &HuggingFaceArguments) {
    let given = [
        ("revision", arguments.revision.is_some()),
        ("cache_dir", arguments.cache_dir.is_some()),
        ("token", arguments.token.is_some()),
    ];
    let names: Vec<&str> =
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
    if !names.is_empty() {
        note(format!("--{option}: {place} is on this machine: {} has no effect", names.join(", ")));
    }
}

/// Returns the splits to read, each with its rows; one without a name if no split is given.
pub(super) fn slices(
    option: &str,
    arguments: &HuggingFaceArguments,
) -> Result<Vec<(Option<String>, RowSlice)>, Failure> {
    let Some(text) = &arguments.split else { return Ok(vec![(None, RowSlice::default())]) };
    let slices = SplitSlice::parse_sum(text).map_err(|error| Failure::option(option, error))?;
    Ok(slices.into_iter().map(|slice| (Some(slice.split), slice.rows)).collect())
}

/// Returns the patterns of `data_files` for a split. Without a split these are those of `train`, else of the first one.
pub(super) fn patterns(
    option: &str,
    arguments: &HuggingFaceArguments,
    split: Option<&str>,
) -> Result<Patterns, Failure> {
    let Some(files) = &arguments.data_files else { return Ok(Patterns::default()) };
    let mut splits: Vec<(String, Vec<&str>)> = match files {
        DataFiles::BySplit(splits) => {
            splits.iter().map(|(name, files)| (name.clone(), files.patterns(None))).collect()
        }
        files => vec![(ALL.to_owned(), files.patterns(None))],
    };
    let named = splits.iter().position(|known| known.0 == split.unwrap_or(ALL));
    let found = named.or((split.is_none() && !splits.is_empty()).then_some(0));
    let Some(found) = found else {
        let known: Vec<&str> = splits.iter().map(|known| known.0.as_str()).collect();
        let split = split.unwrap_or(ALL);
        let problem = format!(
            "no split '{split}': data_files has {} (files without the name of a split are '{ALL}')",
            known.join(", ")
        );
        return Err(Failure::option(option, problem));
    };
    let (split, patterns) = splits.remove(found);
    if let Some(address) = patterns.iter().find(|pattern| pattern.contains("://")) {
        let problem = format!(
            "data_files: '{address}' is an address, and only files are read: download it and name the file"
        );
        return Err(Failure::option(option, problem));
    }
    Ok(Patterns {
        patterns: patterns.into_iter().map(str::to_owned).collect(),
        split: Some(split),
        other_splits: splits.into_iter().map(|other| other.0).collect(),
    })
}

/// Returns the file name extensions of a format.
pub(super) fn endings(format: Format) -> Vec<&'static str> {
    match format {
        Format::Jsonl => vec!["jsonl", "ndjson"],
        Format::ImageFolder => vec!["jpg", "jpeg", "png", "webp"],
        other => vec![other.name()],
    }
}
