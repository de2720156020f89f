//! Results of a benchmark, read by the keys that other tools use, without the types of this project.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

/// An experiment folder, which is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Experiment {
    base: TempDir,
    /// The result of each run.
    pub(crate) runs: Vec<Run>,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run(Value);

impl Experiment {
    /// The name of the folder.
    pub(crate) const NAME: &str = "real";

    /// Reads the experiment that was written to `base`.
    pub(crate) fn in_folder(base: TempDir) -> Self {
        let mut runs: Vec<PathBuf> = list(&base.path().join(Self::NAME));
        runs.retain(|it| it.to_string_lossy().ends_with("s.json"));
        let runs = runs.iter().map(|it| Run(read(it))).collect();
        Self { base, runs }
    }

    /// Returns the path of the folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.base.path().join(Self::NAME)
    }

    /// Returns the paths of the files in the folder, sorted by name.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        list(&self.folder())
    }

    /// Asserts that none of `secrets` is in the files or in the `printed` output.
    pub(crate) fn shows_none_of(&self, printed: &str, secrets: &[impl AsRef<str>]) {
        let files = self.files();
        assert!(files.len() >= 3, "metadata, a result and a journal: {files:?}");
        let read = |it: &PathBuf| fs::read_to_string(it).expect("a result is text");
        for text in files.iter().map(read).chain([printed.to_owned()]) {
            for secret in secrets.iter().map(AsRef::as_ref) {
                assert!(!text.contains(secret), "a secret is in: {}", text.replace(secret, "*****"));
            }
        }
    }

    /// Returns the number of requests of all runs.
    pub(crate) fn requests(&self) -> usize {
        self.runs.iter().map(|it| it.rows().len()).sum()
    }
}

impl Run {
    /// Returns the scenario, as it was given.
    pub(crate) fn scenario(&self) -> &str {
        self.value("scenario").as_str().expect("a scenario is text")
    }

    /// Returns an aggregated value of the run.
    pub(crate) fn value(&self, key: &str) -> &Value {
        &self.0["aggregated_metrics"][key]
    }

    /// Returns the rows of the requests.
    pub(crate) fn rows(&self) -> &[Value] {
        self.0["individual_request_metrics"].as_array().expect("requests are a list")
    }

    /// Returns a metric of every request, and asserts that each has it.
    pub(crate) fn each(&self, metric: &str) -> Vec<f64> {
        let value = |row: &Value| row[metric].as_f64().unwrap_or_else(|| panic!("no {metric} in {row}"));
        self.rows().iter().map(value).collect()
    }

    /// Returns the sum of a metric over the requests that have it.
    pub(crate) fn sum(&self, metric: &str) -> f64 {
        self.rows().iter().filter_map(|row| row[metric].as_f64()).sum()
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|it| panic!("{}: {it}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}
