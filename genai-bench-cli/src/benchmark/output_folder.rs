//! The folder for results, and the metadata of the experiment.

use std::path::{Path, PathBuf};

use genai_bench_core::auth::Identity;
use genai_bench_core::clock;
use genai_bench_core::error::Error;
use genai_bench_core::experiment::{Folder, Metadata, folder_name};
use genai_bench_core::plan::{Level, Plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, json};

use super::options::Options;
use super::server_under_test::ServerUnderTest;
use super::setup::Setup;
use crate::failure::Failure;
use crate::workload::LeftOut;
use crate::{redact, workload};

/// Returns the path of the experiment's folder, and its metadata.
pub(super) fn choose(setup: &Setup, identity: &Identity) -> Result<(PathBuf, Metadata), Failure> {
    let Setup { options, workload: prepared, server, .. } = setup;
    let plan = &prepared.plan;
    let now = Timestamp::try_from(clock::wall()).unwrap_or(Timestamp::UNIX_EPOCH);
    let path = path(options, now)?;
    let about = &options.server;
    let metadata = Metadata {
        cmd: redact::own_command_line(),
        benchmark_version: env!("CARGO_PKG_VERSION").to_owned(),
        api_backend: options.backend().to_ascii_lowercase(),
        auth_config: auth_config(server, identity),
        api_model_name: options.api_model().to_owned(),
        server_model_tokenizer: Some(tokenizer_name(options)),
        model: model(options),
        task: plan.task,
        num_concurrency: distinct(plan, |level| level.load.slots().get()),
        batch_size: Some(distinct(plan, |level| level.batch_size.get())),
        iteration_type: plan.spec.iteration_type.name().to_owned(),
        traffic_scenario: plan.spec.traffic_scenario.clone(),
        additional_request_params: redact::fields(&server.settings.body),
        server_engine: about.server_engine.clone(),
        server_version: about.server_version.clone(),
        server_gpu_type: about.server_gpu_type.clone(),
        server_gpu_count: about.server_gpu_count.clone(),
        max_time_per_run_s: plan.limit.time.map_or(0, |limit| limit.as_secs_f64().ceil() as u64),
        max_requests_per_run: plan.limit.requests.map_or(0, u64::from),
        experiment_folder_name: path.to_string_lossy().into_owned(),
        metrics_time_unit: options.results.metrics_time_unit,
        dataset_path: dataset(options),
        dataset_notes: prepared.dataset_notes().to_vec(),
        dataset_beginnings: prepared.beginnings().map(|starts| starts.places),
        dataset_prompts_filled: prepared.beginnings().and_then(|starts| starts.filled()),
        dataset_rows_left_out: prepared.left_out().map(LeftOut::rows_by_name).unwrap_or_default(),
        dataset_changes: prepared.left_out().map(LeftOut::changes_by_name).unwrap_or_default(),
        dataset_rows_repeated: prepared.repeats.and_then(|repeats| repeats.repeated()),
        dataset_rows_skipped: prepared.skipped_rows().filter(|rows| *rows > 0),
        prompt_overhead: prepared.included_overhead(),
        recording: prepared.recording(),
        spec: Some(plan.spec.clone()),
        started_at: Some(now.to_string()),
        client_host: std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned()),
        api_base: Some(server.endpoint.address.clone()),
    };
    Ok((path, metadata))
}

/// Creates the folder of the experiment. An error names the option that chose the path.
pub(crate) fn create(options: &Options, path: &Path, metadata: &Metadata) -> Result<Folder, Failure> {
    let has_name = options.results.experiment_folder_name.is_some();
    Folder::create(path, metadata).map_err(|error| match error {
        Error::Malformed { .. } if has_name => Failure::option("experiment-folder-name", error),
        error => Failure::option("experiment-base-dir", error),
    })
}

/// Returns the distinct values of a property of the plan's levels.
fn distinct(plan: &Plan, property: fn(&Level) -> u32) -> Vec<u32> {
    let mut values: Vec<u32> = plan.levels.iter().map(property).collect();
    values.dedup();
    values
}

fn path(options: &Options, now: Timestamp) -> Result<PathBuf, Failure> {
    let results = &options.results;
    let base = results.experiment_base_dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let base = std::path::absolute(&base).map_err(|error| Failure::option("experiment-base-dir", error))?;
    if let Some(name) = &results.experiment_folder_name {
        return if name.is_empty() {
            Err(Failure::option("experiment-folder-name", "empty: give a name, or leave the option out"))
        } else {
            Ok(base.join(name))
        };
    }
    let time = now.to_zoned(TimeZone::system()).strftime("%Y%m%d_%H%M%S").to_string();
    let (engine, version) =
        (options.server.server_engine.as_deref(), options.server.server_version.as_deref());
    let name = folder_name(
        &options.backend().to_ascii_lowercase(),
        engine,
        version,
        options.workload.task,
        &model(options),
        &time,
    );
    Ok(not_taken(base.join(name)))
}

/// Returns the path if it is free, else the path with the first free number appended: two experiments may begin in the same
/// second.
fn not_taken(path: PathBuf) -> PathBuf {
    let numbered_paths = (2..).map(|number| numbered(&path, number));
    let mut candidates = std::iter::once(path.clone()).chain(numbered_paths);
    candidates.find(|candidate| !candidate.exists()).unwrap_or(path)
}

/// Returns the path with a number appended.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("_{number}"));
    PathBuf::from(name)
}

/// Returns the display name of the model: the given one, else the last part of the model in requests, or of each model of a
/// mix. It is not derived from the tokenizer, because many models share one.
fn model(options: &Options) -> String {
    if let Some(name) = &options.results.model {
        return name.clone();
    }
    let models = options.workload.model_mix.as_deref().unwrap_or(options.api_model());
    models.split(',').map(|name| last_part(name.trim())).collect::<Vec<_>>().join(",")
}

fn last_part(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}

/// Returns the source of prompts that are not generated: a dataset or a recording.
fn dataset(options: &Options) -> Option<String> {
    let dataset = &options.workload.dataset;
    let file = dataset.dataset_config.as_ref().or(options.workload.trace.trace.as_ref());
    dataset.dataset_path.clone().or_else(|| file.map(|path| path.display().to_string()))
}

fn tokenizer_name(options: &Options) -> String {
    options.workload.model_tokenizer.clone().unwrap_or_else(|| workload::BUILT_IN.to_owned())
}

/// Returns the kind and the source of the credentials, for the metadata.
fn auth_config(server: &ServerUnderTest, identity: &Identity) -> Map<String, serde_json::Value> {
    let mut config = Map::new();
    config.insert("auth_type".to_owned(), json!(identity.kind.to_lowercase().replace(' ', "_")));
    config.insert("auth_found".to_owned(), json!(identity.found));
    config.insert("has_api_key".to_owned(), json!(server.settings.api_key.is_some()));
    config
}
