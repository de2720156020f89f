//! The log file of `--log-dir`.

use std::path::Path;

use crate::command::{simulated, succeeded};

const LEVEL: &str = "GENAI_BENCH_LOGGING_LEVEL";

/// Runs a short benchmark with a log of this level, and returns the log.
fn logged(folder: &Path, level: Option<&str>) -> String {
    let logs = folder.join("logs");
    let options = ["--traffic-scenario", "D(5,5)", "--num-concurrency", "1", "--dataset-rows", "7"];
    let faults = ["--simulator-settings", r#"{"faults": {"rate_limited": 100}}"#, "--skip-preflight"];
    let mut command = simulated(folder, &[&options[..], &faults].concat());
    command.args(["--log-dir", logs.to_str().expect("a plain name")]).env_remove(LEVEL);
    if let Some(level) = level {
        command.env(LEVEL, level);
    }
    command.output().expect("the binary runs");
    std::fs::read_to_string(logs.join("genai_bench.log")).expect("a log")
}

#[test]
fn the_log_contains_options_runs_failures_and_results() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = logged(folder.path(), None);
    for hint in [
        "starts: ",
        "--dataset-rows 7",
        "results go to ",
        "run 1 begins: D(5,5) at concurrency 1",
        "run 1 ended after ",
        "12 requests failed with rate_limited",
        "ended after 1 of 1 runs",
    ] {
        assert!(log.contains(hint), "'{hint}' is not in: {log}");
    }
    assert!(!log.contains("DEBUG"), "{log}");
}

#[test]
fn the_level_of_the_log_comes_from_the_environment() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = logged(folder.path(), Some("warning"));
    assert!(log.contains("rate_limited") && !log.contains("run 1 begins"), "{log}");
}

#[test]
fn a_second_benchmark_is_logged_behind_the_first() {
    let (first, second) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let logs = first.path().join("logs");
    for folder in [&first, &second] {
        let options = ["--traffic-scenario", "D(5,5)", "--num-concurrency", "1"];
        let mut command = simulated(folder.path(), &options);
        command.args(["--log-dir", logs.to_str().expect("a plain name")]);
        succeeded(&command.output().expect("the binary runs"));
    }
    let log = std::fs::read_to_string(logs.join("genai_bench.log")).expect("a log");
    assert_eq!(log.matches("starts: ").count(), 2, "{log}");
}

#[test]
fn an_unknown_level_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("logs");
    let mut command = simulated(folder.path(), &["--log-dir", logs.to_str().expect("a plain name")]);
    let output = command.env(LEVEL, "LOUD").output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains(LEVEL) && errors.contains("'LOUD'"), "{errors}");
    assert!(!logs.exists(), "nothing is left behind");
}
