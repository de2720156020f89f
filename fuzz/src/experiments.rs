//! Folders of experiments and workloads.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use genai_bench_core::experiment::{Folder, rebuild};
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::sampler::Sampler;

use genai_bench_core::request::SessionSpec;
use genai_bench_core::scenario::Shape;
use genai_bench_core::workload::LockedSampler;

/// What every folder of an experiment holds.
const METADATA: &str = r#"{"cmd": "", "benchmark_version": "0", "api_backend": "openai", "api_model_name": "m", "model": "m",
    "task": "text-to-text", "num_concurrency": [1], "max_time_per_run_s": 1, "max_requests_per_run": 1,
    "experiment_folder_name": "a"}"#;

/// A folder for inputs, in memory where there is such a place.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new()
        .prefix("genai-bench-fuzz-")
        .tempdir_in(parent)
        .expect("a place for inputs")
        .keep()
});

/// Writes `bytes` to a file of this name, and calls `read` with its path.
pub(crate) fn with_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    let path = FOLDER.join(name);
    fs::write(&path, bytes).expect("a place for inputs");
    read(&path);
}

/// Makes result files of a journal.
pub(crate) fn journal(data: &[u8]) {
    let folder = FOLDER.join("experiment");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("a place for inputs");
    fs::write(folder.join("experiment_metadata.json"), METADATA).expect("a place for inputs");
    fs::write(folder.join("journal_a.jsonl"), data).expect("a place for inputs");
    let (folder, _) = Folder::open(&folder).expect("the metadata is right");
    if let Err(error) = rebuild(&folder, None) {
        drop(error.to_string());
    }
}

/// Reads a locked workload, and takes its first sessions.
pub(crate) fn workload(data: &[u8]) {
    with_file("a.workload", data, |path| match LockedSampler::open(path) {
        Ok(sampler) => {
            for index in 0..3 {
                let mut wanted = SessionSpec::new(Shape::Dataset);
                wanted.index = index;
                let _ = sampler.sample(&wanted, &mut Rng::at(1, Stream::Shape, 0, index));
            }
        }
        Err(error) => drop(error.to_string()),
    });
}
