//! Datasets by the arguments of `datasets.load_dataset`: on a hub, or in a folder that they were fetched to.

use std::path::{Path, PathBuf};

use genai_bench_backends::hub::{self, DatasetSelection, HubBuilder, HubError, Repo};
use genai_bench_core::dataset::{Format, HubToken, HuggingFaceArguments, Part, RowSlice, SplitSlice};

use crate::failure::Failure;
use crate::say::note;
use crate::workload::hub::ask;

/// The split of a file, which says nothing of splits.
const ALL: &str = "train";

/// Returns the files of a dataset and their rows that the arguments choose. Those on a hub are fetched.
pub(super) fn parts(
    option: &str,
    place: &str,
    arguments: &HuggingFaceArguments,
) -> Result<Vec<Part>, Failure> {
    check(option, arguments)?;
    let slices = slices(option, arguments)?;
    let path = Path::new(place);
    if !path.exists() {
        return fetched(option, place, arguments, &slices);
    }
    note_unused(option, place, arguments);
    slices.iter().map(|(split, rows)| Ok(Part::new(local(option, path, split, arguments)?, *rows))).collect()
}

/// Refuses arguments that would change what is read and are not known, and notes those that have no effect.
fn check(option: &str, arguments: &HuggingFaceArguments) -> Result<(), Failure> {
    if let Some(name) = arguments.unknown().first() {
        let problem = format!(
            "huggingface_kwargs: '{name}' is not known here: known are name, split, revision, data_dir, data_files, \
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

/// Notes arguments that only matter for a hub.
fn note_unused(option: &str, place: &str, arguments: &HuggingFaceArguments) {
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

/// Returns the splits to read, each with its rows; one without a name where none is asked for.
fn slices(
    option: &str,
    arguments: &HuggingFaceArguments,
) -> Result<Vec<(Option<String>, RowSlice)>, Failure> {
    let Some(text) = &arguments.split else { return Ok(vec![(None, RowSlice::default())]) };
    let slices = SplitSlice::parse_sum(text).map_err(|error| Failure::option(option, error))?;
    Ok(slices.into_iter().map(|slice| (Some(slice.split), slice.rows)).collect())
}

/// Returns what is to be looked for in a dataset.
fn selection(split: Option<&str>, arguments: &HuggingFaceArguments) -> DatasetSelection {
    let folder = arguments.data_dir.as_deref().map(|folder| folder.trim_end_matches('/'));
    let patterns = arguments.data_files.iter().flat_map(|files| files.patterns(split));
    let mut data_files: Vec<String> = patterns.map(|pattern| within(folder, pattern)).collect();
    if let (Some(folder), true) = (folder, data_files.is_empty()) {
        data_files = vec![format!("{folder}/**")];
    }
    DatasetSelection { config: arguments.name.clone(), split: split.map(str::to_owned), data_files }
}

fn within(folder: Option<&str>, pattern: &str) -> String {
    folder.map_or_else(|| pattern.to_owned(), |folder| format!("{folder}/{pattern}"))
}

/// Returns the files of a split on this machine.
fn local(
    option: &str,
    path: &Path,
    split: &Option<String>,
    arguments: &HuggingFaceArguments,
) -> Result<Vec<PathBuf>, Failure> {
    let failed =
        |problem: &dyn std::fmt::Display| Failure::option(option, format!("{}: {problem}", path.display()));
    if path.is_dir() {
        let selection = selection(split.as_deref(), arguments);
        return hub::dataset_files_in(path, &selection).map_err(|error| failed(&error));
    }
    match split.as_deref() {
        None | Some(ALL) => Ok(vec![path.to_owned()]),
        Some(split) => Err(failed(&format_args!("no split '{split}': a file is the split '{ALL}'"))),
    }
}

/// Returns the files of splits on a hub.
fn fetched(
    option: &str,
    name: &str,
    arguments: &HuggingFaceArguments,
    slices: &[(Option<String>, RowSlice)],
) -> Result<Vec<Part>, Failure> {
    let looks_like_a_file = Format::of(Path::new(name)).is_some() || name.starts_with(['.', '/', '~']);
    let repo = Some(name).filter(|_| !looks_like_a_file).and_then(|name| Repo::dataset(name).ok());
    let Some(mut repo) = repo else {
        let problem =
            format!("there is no '{name}': give a file, a folder, or the name of a dataset on the hub");
        return Err(Failure::option(option, problem));
    };
    if let Some(revision) = &arguments.revision {
        repo = repo.at(revision).map_err(|error| Failure::option(option, error))?;
    }
    ask(
        option,
        |hub| configured(hub, arguments),
        async |hub, progress| {
            let mut parts = Vec::new();
            for (split, rows) in slices {
                let found =
                    hub.dataset_files(&repo, &selection(split.as_deref(), arguments), progress).await?;
                let mut paths = Vec::new();
                for file in &found.files {
                    paths.push(hub.file(&found.repo, &file.path, progress).await?);
                }
                parts.push(Part::new(paths, *rows));
            }
            Ok::<_, HubError>(parts)
        },
    )
}

/// Returns the hub with the folder and the token that the arguments name.
fn configured(mut hub: HubBuilder, arguments: &HuggingFaceArguments) -> HubBuilder {
    if let Some(folder) = &arguments.cache_dir {
        hub = hub.cache(folder);
    }
    match &arguments.token {
        Some(HubToken::Given(token)) => hub.token(token.clone()),
        Some(HubToken::FromEnvironment(false)) => hub.without_token(),
        _ => hub,
    }
}
