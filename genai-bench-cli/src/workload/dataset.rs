//! Selection and opening of the dataset of a workload.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_core::dataset::{
    Dataset, DatasetConfig, DatasetError, Format, HuggingFaceArguments, Mapping, Part, Prompt, Sample, Source,
};

use super::WorkloadOptions;
use super::hub::HubAccess;
use super::left_out::{self, LeftOut};
use super::options::DatasetOptions;
use crate::console::note;
use crate::failure::Failure;

mod arguments;
mod builder;
mod dataset_id;
mod from_hub;
mod local;
mod texts;

pub(crate) use dataset_id::DatasetId;

/// The maximum number of files that a note names.
const NAMED: usize = 3;

/// An open dataset.
pub(crate) struct Opened {
    /// The option that names the dataset.
    pub(super) option: &'static str,
    pub(super) dataset: Arc<Dataset>,
    /// `true` if images of any size may be decoded.
    pub(super) allow_large: bool,
    /// The notes on choices that no option makes, such as the split, and on files that are not read.
    pub(super) notes: Vec<String>,
    /// The files that rows are read from.
    files: Vec<PathBuf>,
    pub(super) left_out: LeftOut,
}

/// The files of a dataset that are read.
#[derive(Default)]
struct Selected {
    parts: Vec<Part>,
    /// The format of all files; `None` if it follows from their names.
    format: Option<Format>,
    notes: Vec<String>,
}

impl Selected {
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Adds a note on a split that was chosen because no option names one.
    fn note_split(&mut self, place: &dyn fmt::Display, chosen: &str, others: &[String]) {
        if !others.is_empty() {
            self.note(format!(
                "{place}: the split '{chosen}' is read, and not {}: select another with --dataset-split, or with split in \
                 huggingface_kwargs",
                others.join(", ")
            ));
        }
    }
}

/// Formats the names of the first files, and the number of the others.
fn listed(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().take(NAMED).map(|file| file.display().to_string()).collect();
    match files.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} ({more} more)", names.join(", ")),
    }
}

/// A dataset that is not open yet.
struct DatasetSource {
    option: &'static str,
    selected: Selected,
    mapping: Mapping,
    allow_large: bool,
}

/// Opens the dataset that the options name; one on the hub is fetched. `without_tools` names a backend that cannot send
/// tools: rows with tools are then left out.
pub(super) fn open(all: &WorkloadOptions, without_tools: Option<&str>) -> Result<Option<Opened>, Failure> {
    let options = &all.dataset;
    let Some(mut source) = source(options, all.hub)? else { return Ok(None) };
    if let Some(column) = &options.dataset_prompt_column {
        let prompt = if column.contains('{') { column.parse() } else { Ok(Prompt::Column(column.clone())) };
        source.mapping.prompt =
            Some(prompt.map_err(|error| Failure::option("dataset-prompt-column", error))?);
    }
    if let Some(column) = &options.dataset_image_column {
        source.mapping.images = Some(column.clone());
    }
    source.mapping.picture_folders.extend(options.allow_media_folder.iter().cloned());
    source.mapping.leaves_out_empty_fields |= options.skip_empty_fields;
    source.mapping.leaves_out_tools = without_tools.is_some() && left_out::sends_conversations(all);
    let mut sample = Sample::seeded(all.seed()).rows(options.dataset_rows.max(1));
    if options.skip_bad_rows {
        sample = sample.skipping_bad_rows();
    }
    let opened = Dataset::open_parts(&source.selected.parts, source.selected.format, &source.mapping, sample);
    let dataset = opened.map_err(|error| {
        let hint =
            if error.is_bad_row() { "\n  (--skip-bad-rows leaves out rows that cannot be read)" } else { "" };
        let hint = match (&error, without_tools) {
            (DatasetError::Empty { .. }, Some(backend)) if source.mapping.leaves_out_tools => {
                format!("\n  ({backend} cannot send tools)")
            }
            _ => hint.to_owned(),
        };
        Failure::option(source.option, format!("{error}{hint}"))
    })?;
    let files = source.selected.parts.iter().flat_map(|part| part.paths.clone()).collect();
    let notes = [source.selected.notes, dataset.notes().to_vec()].concat();
    notes.iter().for_each(note);
    let bad_rows = dataset.bad_rows();
    if bad_rows.count > 0 {
        let (count, first) = (bad_rows.count, bad_rows.first.join("\n  "));
        note(format!("left out rows of the dataset that cannot be read: {count}, such as\n  {first}"));
    }
    let left_out = LeftOut::new(&dataset, all, without_tools);
    left_out.notes().iter().for_each(note);
    if (dataset.len() as u64) + dataset.rows_left_out().total() + bad_rows.count < dataset.rows_seen() {
        note(format!("{} of the dataset's {} rows are used", dataset.len(), dataset.rows_seen()));
    }
    let (option, allow_large) = (source.option, source.allow_large);
    Ok(Some(Opened { option, dataset: Arc::new(dataset), allow_large, notes, files, left_out }))
}

fn source(options: &DatasetOptions, hub: HubAccess) -> Result<Option<DatasetSource>, Failure> {
    let named = options.dataset_format.as_deref().map(str::parse::<Format>).transpose();
    let named = named.map_err(|error| Failure::option("dataset-format", error))?;
    if let Some(file) = &options.dataset_config {
        return configured(file, named, hub).map(Some);
    }
    const OPTION: &str = "dataset-path";
    let Some(place) = &options.dataset_path else { return without_dataset(options).map(|()| None) };
    let mut arguments = HuggingFaceArguments::default();
    arguments.split.clone_from(&options.dataset_split);
    let split_option = if options.dataset_split.is_some() { "dataset-split" } else { OPTION };
    let slices = arguments::slices(split_option, &arguments)?;
    let path = Path::new(place);
    let mut mapping = Mapping::default();
    let selected = if path.exists() {
        mapping.picture_folders.extend(path.is_dir().then(|| path.to_owned()));
        local::select(split_option, path, &arguments, &slices, named)?
    } else {
        from_hub::select((OPTION, hub), place, &arguments, &slices, named)?
    };
    Ok(Some(DatasetSource { option: OPTION, selected, mapping, allow_large: false }))
}

/// Checks that no option of a dataset is given without a dataset.
fn without_dataset(options: &DatasetOptions) -> Result<(), Failure> {
    let given = [
        ("dataset-prompt-column", options.dataset_prompt_column.is_some()),
        ("dataset-image-column", options.dataset_image_column.is_some()),
        ("dataset-format", options.dataset_format.is_some()),
        ("dataset-split", options.dataset_split.is_some()),
        ("skip-bad-rows", options.skip_bad_rows),
        ("allow-media-folder", !options.allow_media_folder.is_empty()),
        ("skip-empty-fields", options.skip_empty_fields),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Failure::option(option, "there is no dataset: give --dataset-path too")),
        None => Ok(()),
    }
}

/// Returns the dataset of a configuration file; `named` takes precedence over its `file_format`.
fn configured(file: &Path, named: Option<Format>, hub: HubAccess) -> Result<DatasetSource, Failure> {
    const OPTION: &str = "dataset-config";
    let config = DatasetConfig::open(file).map_err(|error| Failure::option(OPTION, error))?;
    let (mut mapping, allow_large) = (config.mapping(), config.unsafe_allow_large_images);
    let place = match &config.source {
        Source::File { path, .. } => Some(path.as_path()),
        Source::HuggingFace { path, .. } => Some(Path::new(path)),
        _ => None,
    };
    mapping.picture_folders.extend(place.filter(|place| place.is_dir()).map(Path::to_owned));
    let selected = match config.source {
        Source::File { path, format } => {
            let arguments = HuggingFaceArguments::default();
            let slices = arguments::slices(OPTION, &arguments)?;
            local::select(OPTION, &path, &arguments, &slices, named.or(format))?
        }
        Source::HuggingFace { path, arguments, format } => {
            by_arguments((OPTION, hub), &path, &arguments, named.or(format))?
        }
        _ => return Err(Failure::option(OPTION, "its source has an unknown type: give file or huggingface")),
    };
    Ok(DatasetSource { option: OPTION, selected, mapping, allow_large })
}

/// Returns the files that `load_dataset` reads with these arguments: files of a builder, a folder on this machine, or a
/// dataset on a hub.
fn by_arguments(
    (option, hub): (&str, HubAccess),
    place: &str,
    arguments: &HuggingFaceArguments,
    named: Option<Format>,
) -> Result<Selected, Failure> {
    arguments::check(option, arguments)?;
    let slices = arguments::slices(option, arguments)?;
    let path = Path::new(place);
    let builder = builder::format(option, place)?;
    if builder.is_some() || path.exists() {
        arguments::note_unused(option, place, arguments);
    }
    match builder {
        Some(format) => builder::select(option, place, named.unwrap_or(format), arguments, &slices),
        None if path.exists() => local::select(option, path, arguments, &slices, named),
        None => from_hub::select((option, hub), place, arguments, &slices, named),
    }
}
