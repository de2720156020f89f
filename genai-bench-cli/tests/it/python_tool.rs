//! Command lines of the Python tool, which run unchanged.

use std::path::Path;
use std::process::Output;

use crate::command::{genai_bench, results, simulated, succeeded};

/// Runs a short benchmark with these options, and returns its standard error.
fn notes(folder: &Path, extra: &[&str], variables: &[(&str, &str)]) -> String {
    let short = ["--traffic-scenario", "D(5,5)", "--num-concurrency", "2"];
    let mut command = simulated(folder, &[&short[..], extra].concat());
    command.env_remove("ENABLE_UI").envs(variables.iter().copied());
    let output = command.output().expect("the binary runs");
    succeeded(&output);
    errors(&output)
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn options_without_effect_are_noted_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let typed = ["--num-workers", "4", "--master-port", "5577", "--metrics-refresh-interval", "1.5"];
    let variables = [("ENABLE_UI", "true"), ("GENAI_BENCH_LOGGING_LEVEL", "DEBUG")];
    let notes = notes(folder.path(), &typed, &variables);
    for name in [
        "--num-workers has no effect",
        "--master-port has no effect",
        "--metrics-refresh-interval has no effect",
        "ENABLE_UI has no effect",
        "GENAI_BENCH_LOGGING_LEVEL has no effect without --log-dir",
    ] {
        assert_eq!(notes.matches(name).count(), 1, "'{name}' is not once in: {notes}");
    }
}

#[test]
fn options_that_match_the_behaviour_have_no_note() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = notes(folder.path(), &["--num-workers", "0"], &[("ENABLE_UI", "false")]);
    assert!(!notes.contains("has no effect"), "{notes}");
}

#[test]
fn a_later_value_wins_and_lists_still_collect() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let twice = [
        "--max-requests-per-run",
        "5",
        "--model",
        "first",
        "--model",
        "second",
        "--seed",
        "1",
        "--seed",
        "2",
    ];
    let flags =
        ["--keep-going", "--keep-going", "--num-concurrency", "1", "--header", "a: 1", "--header", "b: 2"];
    let notes = notes(folder.path(), &[&twice[..], &flags].concat(), &[]);
    assert!(notes.contains("seed 2:"), "{notes}");
    let results = results(folder.path());
    assert_eq!(results.len(), 2, "concurrencies of 2 and 1");
    for result in results {
        assert_eq!(result["aggregated_metrics"]["num_completed_requests"], 5);
    }
    let metadata =
        std::fs::read_to_string(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    assert!(metadata.contains("\"model\": \"second\""), "{metadata}");
}

#[test]
fn the_number_of_runs_is_printed_before_the_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = notes(folder.path(), &["--num-concurrency", "1", "--max-time-per-run", "1"], &[]);
    let extent = "2 runs (2 concurrencies) of at most 12 requests or 2 min each: at most 4 min";
    let (printed, began) = (notes.find(extent), notes.find("run 1/2"));
    assert!(printed.is_some() && printed < began, "{notes}");
}

#[test]
fn the_help_shows_defaults() {
    let output = genai_bench(&["benchmark", "--help"]).output().expect("the binary runs");
    let help = succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    for hint in ["text-to-text N(480,240)/(300,150) D(100,100)", "1 2 4 8 16 32 64 128 256"] {
        assert!(help.contains(hint), "'{hint}' is not in: {help}");
    }
}

#[test]
fn a_chat_with_a_batch_size_goes_on_with_a_note() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = notes(folder.path(), &["--batch-size", "4", "--iteration-type", "batch_size"], &[]);
    assert!(notes.contains("--batch-size is not used: a request of text-to-text"), "{notes}");
    assert!(notes.contains("--iteration-type batch_size is not used"), "{notes}");
    assert_eq!(results(folder.path()).len(), 1);
}

#[test]
fn an_existing_folder_is_an_error_of_its_option() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    notes(folder.path(), &[], &[]);
    let output = simulated(folder.path(), &["--num-concurrency", "1"]).output().expect("the binary runs");
    let errors = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--experiment-folder-name: ") && errors.contains("another name"), "{errors}");
}
