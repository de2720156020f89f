//! Prompts and pictures from a dataset.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::option_values;

/// Prompts and pictures from a dataset.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
pub(crate) struct DatasetOptions {
    /// Where prompts come from: a txt, csv, tsv, json, jsonl or parquet file, also with .gz or .zst behind, a folder of these
    /// or of pictures, or the name of a dataset on the hub, with @REVISION if need be. With a scenario, prompts are cut from it to that
    /// length; without one, its rows are sent as they are.
    #[arg(long, value_name = "PLACE")]
    pub(crate) dataset_path: Option<String>,
    /// A JSON file that says where the dataset is and which of its columns are used, as the Python tool reads it.
    #[arg(long, value_name = "FILE", conflicts_with = "dataset_path")]
    pub(crate) dataset_config: Option<PathBuf>,
    /// The format of the dataset's files, where their names do not say it, or of a folder those that are read: csv, tsv, json,
    /// jsonl, parquet, txt or imagefolder. With --dataset-config it comes before file_format.
    #[arg(long, value_name = "FORMAT")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dataset_format: Option<String>,
    /// The split of a folder or of a dataset on the hub, or rows of it, such as `test` or `train[:1000]`. When not given: train
    /// where there is one, else the first.
    #[arg(long, value_name = "SPLIT", conflicts_with = "dataset_config")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dataset_split: Option<String>,
    /// The column of prompts, or a text with columns in it, such as 'Describe: {caption}'. Found by itself when its
    /// name is usual.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) dataset_prompt_column: Option<String>,
    /// The column of pictures.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) dataset_image_column: Option<String>,
    /// A folder whose pictures the dataset may name, besides those of its own folder; may be given several times. Without it a
    /// row that names a picture elsewhere on this machine is an error: what is named is sent.
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    pub(crate) allow_media_folder: Vec<PathBuf>,
    /// How many rows are used at most: of a larger dataset so many are drawn by the seed.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<usize>, value_name = "COUNT", default_value_t = 10_000)]
    pub(crate) dataset_rows: usize,
    /// Leave out rows of the dataset that cannot be read, count them and name the first few. Without it the first such
    /// row is an error.
    #[arg(long)]
    #[serde(default)]
    pub(crate) skip_bad_rows: bool,
    /// Leave out rows in which a field of the template of --dataset-prompt-column is empty, and count them. Without it
    /// the field is an empty text.
    #[arg(long)]
    #[serde(default)]
    pub(crate) skip_empty_fields: bool,
}

impl DatasetOptions {
    /// Whether there is one.
    pub(crate) fn is_given(&self) -> bool {
        self.dataset_path.is_some() || self.dataset_config.is_some()
    }
}
