//! `experiment_metadata.json`: what was run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TimeUnit;
use crate::plan::ExperimentSpec;
use crate::task::Task;

/// What was run. The first keys are the Python tool's, in its order; the last ones are ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The command line, with stars for secrets.
    pub cmd: String,
    /// The version of the program that ran it.
    pub benchmark_version: String,
    /// The backend.
    pub api_backend: String,
    /// How we were known to the server: never with a secret.
    #[serde(default)]
    pub auth_config: Map<String, Value>,
    /// The model that was asked for.
    pub api_model_name: String,
    /// The tokenizer that prompts were counted by.
    #[serde(default)]
    pub server_model_tokenizer: Option<String>,
    /// The model's name for people.
    pub model: String,
    /// The kind of work.
    pub task: Task,
    /// Levels of concurrency.
    pub num_concurrency: Vec<u32>,
    /// Levels of batch size.
    #[serde(default)]
    pub batch_size: Option<Vec<u32>>,
    /// Which of the two was varied.
    #[serde(default = "by_concurrency")]
    pub iteration_type: String,
    /// The scenarios, as a person wrote them.
    #[serde(default)]
    pub traffic_scenario: Vec<String>,
    /// Fields that were added to each request.
    #[serde(default)]
    pub additional_request_params: Map<String, Value>,
    /// What serves the model.
    #[serde(default)]
    pub server_engine: Option<String>,
    /// Its version.
    #[serde(default)]
    pub server_version: Option<String>,
    /// The GPUs it has.
    #[serde(default)]
    pub server_gpu_type: Option<String>,
    /// How many.
    #[serde(default)]
    pub server_gpu_count: Option<String>,
    /// How long a run sends at most, in whole seconds, rounded up.
    pub max_time_per_run_s: u64,
    /// The largest number of requests that a run sends; 0 without such a limit.
    pub max_requests_per_run: u64,
    /// Where the folder was made.
    pub experiment_folder_name: String,
    /// What times in result files are counted in.
    #[serde(default)]
    pub metrics_time_unit: TimeUnit,
    /// Where prompts came from; absent when they were made.
    #[serde(default)]
    pub dataset_path: Option<String>,
    /// The number of rows of the dataset that could not be read and were left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_rows_skipped: Option<u64>,
    /// What was chosen, found out or not read in the files of the dataset without having been asked for: a split, a separator,
    /// files of a folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dataset_notes: Vec<String>,
    /// The number of rows of the dataset that are left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dataset_rows_left_out: BTreeMap<String, u64>,
    /// The number of parts of the dataset that are not sent as they stand there, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dataset_changes: BTreeMap<String, u64>,
    /// The number of different beginnings that the dataset has for prompts that are cut from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_beginnings: Option<u64>,
    /// The number of prompts that begin with random words, because no different beginning was left; absent where a time
    /// limits the number of prompts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_prompts_filled: Option<u64>,
    /// The largest number of rows that requests take from the dataset after each of its rows was sent once: fewer where
    /// conversations have several turns. Absent where no request is a row of a dataset, or where a time limits the number of
    /// requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_rows_repeated: Option<u64>,
    /// The number of tokens that the server adds to each prompt and by which prompts are shorter than their scenario says;
    /// absent where they are not shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_overhead: Option<u64>,
    /// The recording that was sent again; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingMetadata>,
    /// The whole specification, so that the experiment can be run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<ExperimentSpec>,
    /// When it began: RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The machine that sent the requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_host: Option<String>,
    /// Where requests were sent, without user or password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
}

fn by_concurrency() -> String {
    "num_concurrency".to_owned()
}

/// The facts of a recording that was sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingMetadata {
    /// The name of its format.
    pub format: String,
    /// The number of rows that are there to be sent.
    pub rows: u64,
    /// The number of rows that are left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows_left_out: BTreeMap<String, u64>,
    /// The number of tokens that a hash stands for; absent in a recording without hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_size: Option<u64>,
    /// What was found out, decided or left aside when it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
