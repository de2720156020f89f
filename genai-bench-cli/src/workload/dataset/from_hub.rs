//! Datasets on a hub.

use std::path::Path;

use genai_bench_backends::hub::{DatasetSelection, HubBuilder, HubError, Repo};
use genai_bench_core::dataset::{Format, HubToken, HuggingFaceArguments, Part, RowSlice};

use super::Selected;
use super::arguments::{endings, patterns};
use crate::failure::Failure;
use crate::workload::hub::{HubAccess, query};

/// Returns the files of splits on a hub. `access` is the permission to fetch them.
pub(super) fn select(
    (option, access): (&str, HubAccess),
    name: &str,
    arguments: &HuggingFaceArguments,
    slices: &[(Option<String>, RowSlice)],
    format: Option<Format>,
) -> Result<Selected, Failure> {
    let looks_like_a_file = Format::from_path(Path::new(name)).is_some() || name.starts_with(['.', '/', '~']);
    let repo = Some(name).filter(|_| !looks_like_a_file).and_then(|name| Repo::dataset(name).ok());
    let Some(mut repo) = repo else {
        let problem =
            format!("there is no '{name}': give a file, a folder, or the name of a dataset on the hub");
        return Err(Failure::option(option, problem));
    };
    if let Some(revision) = &arguments.revision {
        repo = repo.at(revision).map_err(|error| Failure::option(option, error))?;
    }
    let mut selections = Vec::new();
    let mut selected = Selected { format, ..Selected::default() };
    for (split, rows) in slices {
        let patterns = patterns(option, arguments, split.as_deref())?;
        if let (None, Some(chosen)) = (split, &patterns.split) {
            selected.note_split(&name, chosen, &patterns.other_splits);
        }
        let selection = DatasetSelection {
            config: arguments.name.clone(),
            split: split.clone(),
            data_files: patterns.patterns,
            folder: arguments.data_dir.clone(),
            endings: format.map(endings).unwrap_or_default(),
        };
        selections.push((selection, *rows));
    }
    query(
        option,
        access,
        |hub| configured(hub, arguments),
        async |hub, progress| {
            for (selection, rows) in &selections {
                let found = hub.dataset_files(&repo, selection, progress).await?;
                if let (None, Some(chosen)) = (&selection.split, &found.split) {
                    selected.note_split(&name, chosen, &found.other_splits);
                }
                let mut paths = Vec::new();
                for file in &found.files {
                    paths.push(hub.file(&found.repo, &file.path, progress).await?);
                }
                selected.parts.push(Part::new(paths, *rows));
            }
            Ok::<_, HubError>(())
        },
    )?;
    Ok(selected)
}

/// Sets the cache folder and the token of the arguments.
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
