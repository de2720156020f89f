//! Errors for folders without an experiment of this program.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::folder::{METADATA, MOST_METADATA_BYTES};
use crate::error::Error;
use crate::files::byte_order_mark;
use crate::files::regular_file;

/// The beginning of the versions of the Python tool; those of this program are later.
const PYTHON_VERSIONS: &str = "0.0.";
/// The maximum number of file names in an error.
const SHOWN: usize = 4;

/// Returns the error for a folder without metadata.
pub(super) fn without_metadata(path: &Path) -> Error {
    let problem = if path.is_file() {
        "this is a file: give the folder of an experiment".to_owned()
    } else {
        let (names, inner) = contents(path);
        let holds = match names.len() {
            0 => "is empty".to_owned(),
            1..=SHOWN => format!("holds {}", names.join(", ")),
            count => format!("holds {} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        };
        let inner = if inner.is_empty() {
            String::new()
        } else {
            format!("; experiments in it: {}", inner[..inner.len().min(SHOWN)].join(", "))
        };
        format!("this is no experiment, which has an {METADATA}: the folder {holds}{inner}")
    };
    Error::NoExperiment { path: path.to_owned(), problem }
}

/// Returns the sorted names in a folder, and those of them that are experiments.
fn contents(path: &Path) -> (Vec<String>, Vec<String>) {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let inner = names.iter().filter(|name| path.join(name).join(METADATA).is_file()).cloned().collect();
    (names, inner)
}

/// Returns the error for a folder whose metadata cannot be read.
pub(super) fn with_damaged_metadata(path: &Path, bytes: &[u8], error: &serde_json::Error) -> Error {
    match python_version(bytes) {
        Some(version) => of_the_python_tool(path, &version),
        None => {
            let problem = format!("{METADATA} is damaged, or of another program: {error}");
            Error::NoExperiment { path: path.to_owned(), problem }
        }
    }
}

/// Returns the error for a folder without journals to make results from.
pub(super) fn without_journals(path: &Path) -> Error {
    let bytes = regular_file::read(&path.join(METADATA), MOST_METADATA_BYTES).unwrap_or_default();
    match python_version(&bytes) {
        Some(version) => of_the_python_tool(path, &version),
        None => {
            let problem =
                "there are no journals (journal_*.jsonl), from which results are made: nothing was changed";
            Error::NoExperiment { path: path.to_owned(), problem: problem.to_owned() }
        }
    }
}

fn of_the_python_tool(path: &Path, version: &str) -> Error {
    let problem = format!(
        "this is a result folder of the Python tool (version {version}): it has no journals from which results could be \
         made again, and its result files are final. Nothing was changed; the Python tool's `genai-bench excel` and \
         `genai-bench plot` read it"
    );
    Error::NoExperiment { path: path.to_owned(), problem }
}

/// Returns the version of the Python tool that wrote metadata; `None` if another program did. Only this program
/// writes the key `spec`.
pub(super) fn python_version(bytes: &[u8]) -> Option<String> {
    let metadata: Map<String, Value> = serde_json::from_slice(byte_order_mark::strip(bytes)).ok()?;
    if metadata.contains_key("spec") {
        return None;
    }
    let version = metadata.get("benchmark_version")?.as_str()?;
    version.starts_with(PYTHON_VERSIONS).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::experiment::{Folder, rebuild};

    #[test]
    fn a_folder_without_an_experiment_is_described_in_the_error() {
        const OLD: &str = r#"{"cmd": "x", "benchmark_version": "0.0.1", "api_backend": "x", "model": "m"}"#;
        const NEW: &str = r#"{"cmd": "x", "benchmark_version": "0.0.5", "api_backend": "x", "auth_config": {},
            "api_model_name": "m", "server_model_tokenizer": "gpt2", "model": "m", "task": "text-to-text",
            "num_concurrency": [1], "batch_size": null, "iteration_type": "num_concurrency",
            "traffic_scenario": ["D(20,8)"], "additional_request_params": {}, "server_engine": null,
            "max_time_per_run_s": 60, "max_requests_per_run": 10, "experiment_folder_name": "/tmp/old",
            "metrics_time_unit": "s", "dataset_path": null, "character_token_ratio": 4.2}"#;
        let results = ("D(20,8)_text-to-text_num_concurrency_1_time_60s.json", "{}");
        let metadata = |text| ("experiment_metadata.json", text);
        let cases: [(&[(&str, &str)], &str); 7] = [
            (&[metadata(OLD), results], "the Python tool (version 0.0.1): it has no journals"),
            (&[metadata(NEW), results], "the Python tool (version 0.0.5): it has no journals"),
            (&[], "this is no experiment, which has an experiment_metadata.json: the folder is empty"),
            (&[results], "the folder holds D(20,8)_text-to-text_num_concurrency_1_time_60s.json"),
            (
                &[("b/experiment_metadata.json", "{}"), ("a", "")],
                "the folder holds a, b; experiments in it: b",
            ),
            (
                &[metadata("{\"cmd\": \"x\", ")],
                "experiment_metadata.json is damaged, or of another program: EOF",
            ),
            (&[metadata("[]")], "experiment_metadata.json is damaged, or of another program"),
        ];
        for (files, expected) in cases {
            let temp = tempfile::tempdir().unwrap();
            for (name, text) in files {
                let file = temp.path().join(name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, text).unwrap();
            }
            let rebuilt = Folder::open(temp.path()).and_then(|(folder, _)| rebuild(&folder, None));
            let error = rebuilt.unwrap_err().to_string();
            assert!(error.starts_with(&*temp.path().to_string_lossy()), "{error}");
            assert!(error.contains(expected), "{error}\n{expected}");
            for (name, text) in files {
                assert_eq!(std::fs::read_to_string(temp.path().join(name)).unwrap(), *text, "unchanged");
            }
        }
    }
}
