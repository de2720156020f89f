//! The dataset that was asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_core::dataset::{
    Dataset, DatasetConfig, Format, HuggingFaceArguments, Mapping, Part, Prompt, RowSlice, Sample, Source,
};

use super::options::DatasetOptions;
use crate::failure::Failure;
use crate::say::note;

mod from_hub;
mod texts;

/// A dataset, the option that named it, and whether its pictures may be decoded however large they are.
pub(super) struct Opened {
    pub(super) option: &'static str,
    pub(super) dataset: Arc<Dataset>,
    pub(super) allow_large: bool,
}

/// What is to be opened.
struct Wanted {
    option: &'static str,
    parts: Vec<Part>,
    format: Option<Format>,
    mapping: Mapping,
    allow_large: bool,
}

/// Opens the dataset, if one was asked for; one on the hub is fetched.
pub(super) fn open(options: &DatasetOptions, seed: u64) -> Result<Option<Opened>, Failure> {
    let Some(mut wanted) = wanted(options)? else { return Ok(None) };
    if let Some(column) = &options.dataset_prompt_column {
        let prompt = if column.contains('{') { column.parse() } else { Ok(Prompt::Column(column.clone())) };
        wanted.mapping.prompt = Some(prompt.map_err(|it| Failure::option("dataset-prompt-column", it))?);
    }
    if let Some(column) = &options.dataset_image_column {
        wanted.mapping.images = Some(column.clone());
    }
    let mut sample = Sample::seeded(seed).rows(options.dataset_rows.max(1));
    if options.skip_bad_rows {
        sample = sample.skipping_bad_rows();
    }
    let opened = Dataset::open_parts(&wanted.parts, wanted.format, &wanted.mapping, sample);
    let dataset = opened.map_err(|error| {
        let hint =
            if error.is_bad_row() { "\n  (--skip-bad-rows leaves out rows that cannot be read)" } else { "" };
        Failure::option(wanted.option, format!("{error}{hint}"))
    })?;
    let bad_rows = dataset.bad_rows();
    if bad_rows.count > 0 {
        let (count, first) = (bad_rows.count, bad_rows.first.join("\n  "));
        note(format!("left out rows of the dataset that cannot be read: {count}, such as\n  {first}"));
    }
    if (dataset.len() as u64) + dataset.rows_left_out() + bad_rows.count < dataset.rows_seen() {
        note(format!("{} of the dataset's {} rows are used", dataset.len(), dataset.rows_seen()));
    }
    Ok(Some(Opened { option: wanted.option, dataset: Arc::new(dataset), allow_large: wanted.allow_large }))
}

fn wanted(options: &DatasetOptions) -> Result<Option<Wanted>, Failure> {
    if let Some(file) = &options.dataset_config {
        const OPTION: &str = "dataset-config";
        let config = DatasetConfig::open(file).map_err(|it| Failure::option(OPTION, it))?;
        let (mapping, allow_large) = (config.mapping(), config.unsafe_allow_large_images);
        let (parts, format) = match config.source {
            Source::File { path, format } => (vec![whole(path)], format),
            Source::HuggingFace { path, arguments } => (from_hub::parts(OPTION, &path, &arguments)?, None),
            _ => return Err(Failure::option(OPTION, "its source is of a kind that is not known here")),
        };
        return Ok(Some(Wanted { option: OPTION, parts, format, mapping, allow_large }));
    }
    const OPTION: &str = "dataset-path";
    let Some(place) = &options.dataset_path else {
        for (option, column) in [
            ("dataset-prompt-column", &options.dataset_prompt_column),
            ("dataset-image-column", &options.dataset_image_column),
        ] {
            if column.is_some() {
                return Err(Failure::option(option, "there is no dataset: give --dataset-path too"));
            }
        }
        if options.skip_bad_rows {
            return Err(Failure::option("skip-bad-rows", "there is no dataset: give --dataset-path too"));
        }
        return Ok(None);
    };
    let parts = if Path::new(place).exists() {
        vec![whole(PathBuf::from(place))]
    } else {
        from_hub::parts(OPTION, place, &HuggingFaceArguments::default())?
    };
    Ok(Some(Wanted { option: OPTION, parts, format: None, mapping: Mapping::default(), allow_large: false }))
}

/// Returns all rows of a file or folder.
fn whole(path: PathBuf) -> Part {
    Part::new([path], RowSlice::default())
}
