//! The content of `experiment_metadata.json`: the settings and circumstances of an experiment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TimeUnit;
use crate::plan::ExperimentSpec;
use crate::task::Task;

/// The settings and circumstances of an experiment. The first keys are those of the Python tool, in its order; the
/// others are additions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The command line, with stars for secrets.
    pub cmd: String,
    /// The version of the program that ran it.
    pub benchmark_version: String,
    /// The backend.
    pub api_backend: String,
    /// The kind and source of the credentials, without secrets.
    #[serde(default)]
    pub auth_config: Map<String, Value>,
    /// The name of the model in requests.
    pub api_model_name: String,
    /// The tokenizer that counted prompts.
    #[serde(default)]
    pub server_model_tokenizer: Option<String>,
    /// The display name of the model.
    pub model: String,
    /// The kind of work.
    pub task: Task,
    /// Levels of concurrency.
    pub num_concurrency: Vec<u32>,
    /// Levels of batch size.
    #[serde(default)]
    pub batch_size: Option<Vec<u32>>,
    /// The one of the two that was varied.
    #[serde(default = "by_concurrency")]
    pub iteration_type: String,
    /// The scenarios, as they were given.
    #[serde(default)]
    pub traffic_scenario: Vec<String>,
    /// Fields that were added to each request.
    #[serde(default)]
    pub additional_request_params: Map<String, Value>,
    /// The engine that serves the model.
    #[serde(default)]
    pub server_engine: Option<String>,
    /// The version of the engine.
    #[serde(default)]
    pub server_version: Option<String>,
    /// The type of the server's GPUs.
    #[serde(default)]
    pub server_gpu_type: Option<String>,
    /// The number of the server's GPUs.
    #[serde(default)]
    pub server_gpu_count: Option<String>,
    /// The time limit of a run, in whole seconds, rounded up.
    pub max_time_per_run_s: u64,
    /// The maximum number of requests of a run; 0 without such a limit.
    pub max_requests_per_run: u64,
    /// The path of the folder.
    pub experiment_folder_name: String,
    /// The unit of times in result files.
    #[serde(default)]
    pub metrics_time_unit: TimeUnit,
    /// The dataset of prompts; absent if prompts were generated.
    #[serde(default)]
    pub dataset_path: Option<String>,
    /// The number of rows of the dataset that could not be read and were left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_rows_skipped: Option<u64>,
    /// Notes on defaults that were chosen, detected or skipped when the dataset was read: a split, a separator, files
    /// of a folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dataset_notes: Vec<String>,
    /// The number of rows of the dataset that are left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dataset_rows_left_out: BTreeMap<String, u64>,
    /// The number of parts of the dataset that are changed before they are sent, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dataset_changes: BTreeMap<String, u64>,
    /// The number of different starting positions in the dataset for prompts that are cut from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_beginnings: Option<u64>,
    /// The number of prompts that begin with random words, because no unused starting position was left; absent if
    /// the runs have a time limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_prompts_filled: Option<u64>,
    /// The maximum number of rows that are sent again after each row of the dataset was sent once: fewer if
    /// conversations have several turns. Absent if requests are not rows of a dataset, or if the runs have a time
    /// limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_rows_repeated: Option<u64>,
    /// The number of tokens that the server adds to each prompt and by which prompts are shorter than their scenario;
    /// absent if they are not shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_overhead: Option<u64>,
    /// The replayed recording; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingMetadata>,
    /// The whole specification, so that the experiment can be run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<ExperimentSpec>,
    /// The start time: RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The machine that sent the requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_host: Option<String>,
    /// The address of the server, without user or password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
}

fn by_concurrency() -> String {
    "num_concurrency".to_owned()
}

/// The properties of a replayed recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingMetadata {
    /// The name of its format.
    pub format: String,
    /// The number of rows that can be sent.
    pub rows: u64,
    /// The number of rows that are left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows_left_out: BTreeMap<String, u64>,
    /// The number of tokens that a hash stands for; absent in a recording without hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_size: Option<u64>,
    /// Notes on what was detected, decided or skipped when it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
