//! Repeated runs with the same seed, and the files of a rebuild.

use serde_json::Value;

use crate::command::{files, genai_bench, journal, results, simulated, succeeded};

/// Lengths of prompts, by the number of the request.
fn inputs(concurrency: &str, seed: &str) -> Vec<(u64, u64)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let extra = ["--traffic-scenario", "U(5,50)/(2,6)", "--num-concurrency", concurrency, "--seed", seed];
    succeeded(&simulated(folder.path(), &extra).output().expect("the binary runs"));
    let number = |it: &Value, name: &str| it["request"][name].as_u64().expect("a number");
    let lines = journal(folder.path());
    let requests = lines.iter().filter(|it| it.get("request").is_some());
    let mut inputs: Vec<_> = requests.map(|it| (number(it, "index"), number(it, "input"))).collect();
    inputs.sort_unstable();
    inputs
}

#[test]
fn a_seed_sends_the_same_requests_at_any_concurrency() {
    let one = inputs("1", "7");
    assert_eq!(one.len(), 12);
    assert_eq!(one, inputs("5", "7"));
    assert_ne!(one, inputs("5", "8"));
}

#[test]
fn a_rebuilt_result_is_the_one_that_was_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let extra = ["--traffic-scenario", "D(20,10)", "--num-concurrency", "3", "--warmup-ratio", "0.1"];
    succeeded(&simulated(folder.path(), &extra).output().expect("the binary runs"));
    let before = results(folder.path());
    for file in files(folder.path(), |name| name.contains("_time_")) {
        std::fs::remove_file(file).expect("a file can be removed");
    }
    let experiment = folder.path().join("e");
    let rebuild = ["rebuild", "--experiment-folder", experiment.to_str().expect("a plain name")];
    succeeded(&genai_bench(&rebuild).output().expect("the binary runs"));
    assert_eq!(results(folder.path()), before);
}

#[test]
fn rebuild_without_a_folder_is_refused_by_name() {
    let output = genai_bench(&["rebuild"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("genai-bench rebuild DIR"), "{output:?}");
    let output = genai_bench(&["rebuild", "/nowhere/at/all"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all"), "{output:?}");
}

#[test]
fn a_folder_of_the_python_tool_is_named_and_not_touched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = folder.path().join("old");
    std::fs::create_dir(&old).expect("a folder");
    let metadata = r#"{"cmd": "x", "benchmark_version": "0.0.1", "api_backend": "openai", "model": "m"}"#;
    std::fs::write(old.join("experiment_metadata.json"), metadata).expect("a file");
    let rebuilt = genai_bench(&["rebuild"]).arg(&old).output().expect("the binary runs");
    let into =
        ["--traffic-scenario", "D(20,10)", "--num-concurrency", "1", "--experiment-folder-name", "old"];
    let mut command = genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir"]);
    let into = command.arg(folder.path()).args(into).output().expect("the binary runs");
    for output in [rebuilt, into] {
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("of the Python tool (version 0.0.1)"), "{error}");
    }
    let names: Vec<_> = std::fs::read_dir(&old).expect("a folder").collect();
    let kept = std::fs::read_to_string(old.join("experiment_metadata.json")).expect("a file");
    assert_eq!((names.len(), kept.as_str()), (1, metadata));
}

#[test]
fn a_table_fits_a_hundred_columns() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let extra = ["--traffic-scenario", "N(4800,2400)/(30,15)", "--num-concurrency", "100", "--seed", "1"];
    let table = succeeded(&simulated(folder.path(), &extra).output().expect("the binary runs"));
    for line in table.lines().filter(|it| !it.starts_with("Results:")) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
