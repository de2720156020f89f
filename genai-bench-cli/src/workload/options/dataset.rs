//! Options for prompts and images from a dataset.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::option_values;

/// The options for prompts and images from a dataset.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
pub(crate) struct DatasetOptions {
    /// Dataset of prompts: a txt, csv, tsv, json, jsonl or parquet file, also compressed as .gz or .zst, a folder of these or
    /// of images, or the name of a dataset on the hub, optionally with @REVISION. With a scenario, prompts of its lengths are
    /// cut from the dataset; without one, the rows are sent as they are.
    #[arg(long, value_name = "PLACE")]
    pub(crate) dataset_path: Option<String>,
    /// JSON file with the location and the columns of the dataset, in the format of the Python tool.
    #[arg(long, value_name = "FILE", conflicts_with = "dataset_path")]
    pub(crate) dataset_config: Option<PathBuf>,
    /// Format of the dataset's files: csv, tsv, json, jsonl, parquet, txt or imagefolder. In a folder only files of this format
    /// are read. Takes precedence over file_format in --dataset-config. Default: by the names of the files.
    #[arg(long, value_name = "FORMAT")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dataset_format: Option<String>,
    /// Split of a folder or of a dataset on the hub, or rows of it, such as `test` or `train[:1000]`. Default: train if there is
    /// one, else the first.
    #[arg(long, value_name = "SPLIT", conflicts_with = "dataset_config")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dataset_split: Option<String>,
    /// Column of prompts, or a template with columns, such as 'Describe: {caption}'. Default: a column with one of the usual
    /// names.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) dataset_prompt_column: Option<String>,
    /// Column of images.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) dataset_image_column: Option<String>,
    /// Folder of images that the dataset may refer to, besides its own folder; may be given several times. A row that refers
    /// to any other file on this machine is an error, because the file would be sent.
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    pub(crate) allow_media_folder: Vec<PathBuf>,
    /// Maximum number of rows to use; from a larger dataset this number is drawn at random, by the seed.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<usize>, value_name = "COUNT", default_value_t = 10_000)]
    pub(crate) dataset_rows: usize,
    /// Leave out rows of the dataset that cannot be read, with a note on their number and the first few. Default: the first
    /// such row is an error.
    #[arg(long)]
    #[serde(default)]
    pub(crate) skip_bad_rows: bool,
    /// Leave out rows in which a field of the template of --dataset-prompt-column is empty, and count them. Default: the
    /// field is an empty text.
    #[arg(long)]
    #[serde(default)]
    pub(crate) skip_empty_fields: bool,
}

impl DatasetOptions {
    /// Returns `true` if a dataset is given.
    pub(crate) fn is_given(&self) -> bool {
        self.dataset_path.is_some() || self.dataset_config.is_some()
    }
}
