//! Locations of the dataset and the tokenizer of a workload that was locked on another machine or in another folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_core::dataset::Format;
use genai_bench_core::tokenizer::Tokenizer;
use genai_bench_core::workload::{Header, file_hash, text_difference};

use super::hub::HubAccess;
use super::make::Recipe;
use super::open_tokenizer;
use super::options::WorkloadOptions;
use super::tokenizer::Opened;
use crate::console::note;
use crate::failure::Failure;

const TOKENIZER: &str = "model-tokenizer";

/// The locations on this machine of the inputs of a lock. A location that is not given is the one in the lock.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FileLocations {
    /// Tokenizer of a file that was made with --recipe-only. Default: the location in the file.
    #[arg(long, value_name = "PLACE")]
    pub(crate) model_tokenizer: Option<String>,
    /// Dataset of a file that was made with --recipe-only. Default: the location in the file.
    #[arg(long, value_name = "PLACE")]
    pub(crate) dataset_path: Option<String>,
    /// Dataset configuration of a file that was made with --recipe-only and --dataset-config. Default: the location in the
    /// file.
    #[arg(long, value_name = "FILE", conflicts_with = "dataset_path")]
    pub(crate) dataset_config: Option<PathBuf>,
    /// Recording of a file that was made with --recipe-only. Default: the location in the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Folder of images that the dataset may refer to, besides its own folder; may be given several times.
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_media_folder: Vec<PathBuf>,
}

impl FileLocations {
    /// Returns the locations that are given together with `--workload`.
    pub(crate) fn new(options: &WorkloadOptions) -> Self {
        Self {
            model_tokenizer: options.model_tokenizer.clone(),
            dataset_path: options.dataset.dataset_path.clone(),
            dataset_config: options.dataset.dataset_config.clone(),
            trace: options.trace.trace.clone(),
            allow_media_folder: options.dataset.allow_media_folder.clone(),
        }
    }
}

/// Prints a note if a dataset or recording is given for a lock that contains its sessions.
pub(super) fn note_unused(places: &FileLocations) {
    if places.dataset_path.is_some() || places.dataset_config.is_some() || places.trace.is_some() {
        note("the dataset or recording is not used: the workload file contains its sessions");
    }
}

/// Replaces the locations in a recipe by those on this machine.
pub(super) fn replace(recipe: &mut Recipe, places: &FileLocations) -> Result<(), Failure> {
    let dataset = &mut recipe.options.dataset;
    // The folders that are allowed are not part of a lock, which may come from another machine.
    dataset.allow_media_folder.clone_from(&places.allow_media_folder);
    if places.trace.is_some() {
        if recipe.options.trace.trace.is_none() {
            let problem = "the workload has no recording: it was made without one: leave it out";
            return Err(Failure::option("trace", problem));
        }
        recipe.options.trace.trace.clone_from(&places.trace);
    }
    let rows = [
        ("dataset-path", places.dataset_path.is_some(), dataset.dataset_path.is_some()),
        ("dataset-config", places.dataset_config.is_some(), dataset.dataset_config.is_some()),
    ];
    for (option, is_given, is_locked) in rows {
        if is_given && !is_locked {
            let right = match (&dataset.dataset_path, &dataset.dataset_config) {
                (Some(_), _) => "its dataset was named by --dataset-path: give that",
                (_, Some(_)) => "its dataset was named by --dataset-config: give that",
                _ => "it was made without a dataset: leave it out",
            };
            return Err(Failure::option(option, format!("the workload has no such dataset: {right}")));
        }
    }
    if places.dataset_path.is_some() {
        dataset.dataset_path.clone_from(&places.dataset_path);
    }
    if places.dataset_config.is_some() {
        dataset.dataset_config.clone_from(&places.dataset_config);
    }
    if places.model_tokenizer.is_some() {
        recipe.options.model_tokenizer.clone_from(&places.model_tokenizer);
    }
    Ok(())
}

/// Checks that the dataset, the recording and the tokenizer of a recipe exist, if they are paths.
pub(super) fn find(recipe: &Recipe) -> Result<(), Failure> {
    let dataset = &recipe.options.dataset;
    let config = dataset.dataset_config.as_ref().map(|path| path.to_string_lossy());
    find_place("dataset-path", "dataset", dataset.dataset_path.as_deref())?;
    find_place("dataset-config", "dataset", config.as_deref())?;
    let trace = recipe.options.trace.trace.as_ref().map(|path| path.to_string_lossy());
    find_place("trace", "recording", trace.as_deref())?;
    find_tokenizer(recipe.options.model_tokenizer.as_deref())
}

fn find_tokenizer(place: Option<&str>) -> Result<(), Failure> {
    find_place(TOKENIZER, "tokenizer", place)
}

fn find_place(option: &str, what: &str, place: Option<&str>) -> Result<(), Failure> {
    match place.filter(|place| is_path(place) && !Path::new(place).exists()) {
        Some(place) => {
            let problem = format!(
                "the {what} of the workload, {place}, is not on this machine: give its location with --{option}"
            );
            Err(Failure::option(option, problem))
        }
        None => Ok(()),
    }
}

/// Returns `true` if a location is a path, and not a name on a hub or of a built-in tokenizer.
fn is_path(place: &str) -> bool {
    let path = Path::new(place);
    path.is_absolute()
        || place.starts_with(['.', '~'])
        || place.contains('\\')
        || Format::from_path(path).is_some()
}

/// Checks that a tokenizer is the one of the lock. One whose file differs only in line ends or a byte order mark is accepted.
pub(super) fn check_tokenizer(header: &Header, opened: &Opened, place: Option<&str>) -> Result<(), Failure> {
    let (found, locked) = (opened.tokenizer.fingerprint(), &header.tokenizer.fingerprint);
    if found == *locked {
        return Ok(());
    }
    if let Some(difference) = place.and_then(|place| file_difference(place, locked)) {
        note(format!(
            "the tokenizer is the same text as the one of the workload, but {difference}: it counts the same"
        ));
        return Ok(());
    }
    let problem = format!(
        "the workload was made with the tokenizer {} ({locked}), but {} is another one ({found}): give --model-tokenizer",
        header.tokenizer.name,
        opened.tokenizer.name(),
    );
    Err(Failure::option("workload", problem))
}

/// Describes the difference between the file of a tokenizer and the one with the hash `locked`; `None` if they differ in
/// more than line ends or a byte order mark.
fn file_difference(place: &str, locked: &str) -> Option<&'static str> {
    let path = Path::new(place);
    let file = if path.is_dir() { path.join("tokenizer.json") } else { path.to_owned() };
    if file_hash(&file).ok()? == locked {
        return None;
    }
    text_difference(&std::fs::read(file).ok()?, locked)
}

/// Opens the tokenizer of a lock that contains its sessions. It is only used if the server does not count tokens: if it is
/// not on this machine, or another one is in its location, words are counted and a note is printed.
pub(super) fn tokenizer_of_sessions(
    header: &Header,
    recipe: &Recipe,
    places: &FileLocations,
) -> Result<Arc<dyn Tokenizer>, Failure> {
    if let Some(place) = places.model_tokenizer.as_deref() {
        let opened = open_tokenizer(Some(place), HubAccess::Fetch)?;
        check_tokenizer(header, &opened, Some(place))?;
        return Ok(opened.tokenizer);
    }
    let place = recipe.options.model_tokenizer.as_deref();
    let opened = find_tokenizer(place)
        .and_then(|()| open_tokenizer(place, recipe.options.hub))
        .and_then(|opened| check_tokenizer(header, &opened, place).map(|()| opened));
    match opened {
        Ok(opened) => Ok(opened.tokenizer),
        Err(error) => {
            note(format!("{error}\n  without it words are counted if the server does not count tokens"));
            Ok(open_tokenizer(None, HubAccess::Fetch)?.tokenizer)
        }
    }
}
