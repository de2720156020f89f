//! A failing server: every failure is counted with its kind, and never as an answer with fewer tokens.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::{failed, genai_bench, journal, results, simulated, succeeded};

const OUTPUT: u64 = 20;

/// Returns the output of a short run against a simulator with these settings.
fn output(folder: &Path, settings: &str, extra: &[&str]) -> Output {
    let scenario = format!("D(30,{OUTPUT})");
    let mut command =
        simulated(folder, &["--skip-preflight", "--num-concurrency", "4", "--traffic-scenario", &scenario]);
    command.args(["--simulator-settings", settings]).args(extra).output().expect("the binary runs")
}

/// The result of a short run in which some requests are answered.
fn run(folder: &Path, settings: &str, extra: &[&str]) -> Value {
    succeeded(&output(folder, settings, extra));
    results(folder).pop().expect("a result")
}

fn all_fail(settings: &str, kind: &str, extra: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let errors = failed(&output(folder.path(), settings, extra));
    assert!(errors.contains("no request of any run was answered"), "{errors}");
    let result = results(folder.path()).pop().expect("a result");
    let run = &result["aggregated_metrics"];
    assert_eq!(
        (&run["error_rate"], &run["num_requests"]),
        (&Value::from(1.0), &Value::from(12)),
        "{settings}"
    );
    assert_eq!(run["failures"][kind], 12, "{settings}: {}", run["failures"]);
    assert_eq!(run["verdict"]["level"], "invalid");
}

#[test]
fn an_answer_cut_anywhere_is_a_failure() {
    // From before the first byte to the middle of the last line: a stream of 20 chunks has some 4,000 bytes.
    for bytes in [0, 1, 7, 200, 999, 1_000, 2_500, 3_500] {
        let settings = format!(
            r#"{{"faults": {{"cut": 100, "cut_after_bytes": {bytes}}}, "ttft": "1ms", "itl": "0ms"}}"#
        );
        all_fail(&settings, "connection_lost", &[]);
    }
}

#[test]
fn answers_cut_at_random_are_failures_and_the_others_are_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = run(folder.path(), r#"{"faults": {"cut": 50}, "itl": "0ms"}"#, &[]);
    let rows = result["individual_request_metrics"].as_array().expect("rows");
    let (failed, whole): (Vec<&Value>, Vec<&Value>) = rows.iter().partition(|it| !it["error_code"].is_null());
    assert!(!failed.is_empty() && !whole.is_empty());
    assert!(failed.iter().all(|it| it["failure"] == "connection_lost"));
    assert!(whole.iter().all(|it| it["num_output_tokens"] == OUTPUT), "{whole:?}");
}

#[test]
fn an_answer_that_ends_early_in_good_order_is_truncated() {
    all_fail(r#"{"faults": {"early_end": 100}, "itl": "0ms"}"#, "truncated", &[]);
}

#[test]
fn other_faults_have_their_own_kinds() {
    all_fail(r#"{"faults": {"rate_limited": 100}}"#, "rate_limited", &[]);
    all_fail(r#"{"faults": {"server_error": 100}}"#, "status", &[]);
    all_fail(r#"{"faults": {"error_event": 100}, "itl": "0ms"}"#, "in_band", &[]);
    all_fail(r#"{"faults": {"garbage": 100}, "itl": "0ms"}"#, "malformed", &[]);
    all_fail(r#"{"faults": {"stall": 100}}"#, "stalled", &["--stall-timeout", "0.3"]);
    all_fail(r#"{"faults": {"stall": 100}}"#, "timeout", &["--request-timeout", "0.3"]);
}

#[test]
fn timeouts_of_zero_wait_for_ever_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let limits = ["--max-time-per-run", "0.005", "--stall-timeout", "0", "--drain-timeout", "0"];
    let errors = failed(&output(folder.path(), r#"{"faults": {"stall": 100}}"#, &limits));
    assert!(errors.contains("0 done, 0 failed, 4 cancelled"), "{errors}");
}

/// A sweep of two levels against an address at which nothing listens.
fn nobody(folder: &Path, extra: &[&str]) -> Output {
    let nobody = ["--api-base", "http://127.0.0.1:1", "--skip-preflight", "--num-concurrency", "1"];
    let mut command = simulated(folder, &nobody);
    command.args(["--num-concurrency", "2", "--traffic-scenario", "D(5,5)"]);
    command.args(extra).output().expect("the binary runs")
}

#[test]
fn a_sweep_is_stopped_when_the_server_is_gone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let errors = failed(&nobody(folder.path(), &[]));
    for hint in ["the server is gone", "1 run was not started", "--keep-going"] {
        assert!(errors.contains(hint), "'{hint}' is not in: {errors}");
    }
    let runs = results(folder.path());
    assert_eq!(runs.len(), 1, "what was measured is saved");
    let codes = &runs[0]["aggregated_metrics"]["error_codes_frequency"];
    assert_eq!(codes["-8"], 12, "a refused connection is no 503: {codes}");
}

#[test]
fn keep_going_starts_the_remaining_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = nobody(folder.path(), &["--keep-going"]);
    assert!(failed(&output).contains("no request of any run was answered"));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(table.matches("INVALID").count(), 2, "{table}");
    let runs = results(folder.path());
    let rates: Vec<_> = runs.iter().map(|run| run["aggregated_metrics"]["error_rate"].as_f64()).collect();
    assert_eq!(rates, [Some(1.0); 2]);
}

/// A sweep in which 60 % of the requests fail and 20 % may.
fn failing(folder: &Path, levels: &[&str]) -> String {
    let settings = r#"{"faults": {"server_error": 60}, "itl": "0ms"}"#;
    let base = folder.to_str().expect("a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--experiment-folder-name", "e", "--skip-preflight", "--simulator-settings", settings]);
    command.args(["--traffic-scenario", "D(5,5)", "--max-error-rate", "0.2"]);
    command.args(["--max-requests-per-run", "1000"]);
    for level in levels {
        command.args(["--num-concurrency", level]);
    }
    let errors = failed(&command.output().expect("the binary runs"));
    let run = &results(folder)[0]["aggregated_metrics"];
    assert!(run["num_requests"].as_u64().expect("a count") < 1_000, "the run ended early: {run}");
    errors
}

#[test]
fn a_run_with_too_many_failures_ends_the_sweep() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let errors = failing(folder.path(), &["2", "4"]);
    assert!(errors.contains("too many requests failed"), "{errors}");
    assert!(errors.contains("1 run was not started"), "{errors}");
}

#[test]
fn a_last_run_with_too_many_failures_is_no_success() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let errors = failing(folder.path(), &["2"]);
    assert!(errors.contains("more than --max-error-rate"), "{errors}");
}

#[test]
fn retry_repeats_refused_requests_and_records_the_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = r#"{"faults": {"rate_limited": 30}, "itl": "0ms"}"#;
    let result = run(folder.path(), settings, &["--retry", "9"]);
    let metrics = &result["aggregated_metrics"];
    let count = |name: &str| metrics[name].as_u64().unwrap_or_default();
    assert_eq!((count("num_completed_requests"), count("num_error_requests")), (12, 0));
    assert!(count("num_retried_requests") > 0 && count("num_retries") >= count("num_retried_requests"));
    let requests: Vec<Value> =
        journal(folder.path()).into_iter().filter_map(|it| it.get("request").cloned()).collect();
    let again: Vec<&Value> = requests.iter().filter(|it| it["retries"].is_u64()).collect();
    assert_eq!(again.len() as u64, count("num_retried_requests"));
    for request in again {
        let first = &request["first_attempt"];
        assert_eq!(
            (&first["failure"]["kind"], &first["failure"]["status"]),
            (&"rate_limited".into(), &429.into())
        );
        assert!(request["sent"].as_u64() < first["ended"].as_u64(), "{request}");
        assert!(first["ended"].as_u64() < request["sent_last"].as_u64(), "{request}");
    }
}
