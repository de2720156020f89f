//! Mistakes in the options: one error that names the option, exit code 2, and no folder.

use crate::command::{genai_bench, simulated};

/// Asserts that the command is refused with all of `hints`, and leaves no folder.
fn refused(extra: &[&str], hints: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = simulated(folder.path(), extra).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{extra:?}: {errors}");
    for hint in hints {
        assert!(errors.contains(hint), "{extra:?}: '{hint}' is not in: {errors}");
    }
    assert_eq!(errors.lines().filter(|it| it.starts_with("error:")).count(), 1, "{errors}");
    let left = std::fs::read_dir(folder.path()).expect("a readable folder").count();
    assert_eq!(left, 0, "{extra:?} left something behind");
}

#[test]
fn a_scenario_that_is_none() {
    refused(&["--traffic-scenario", "Q(1,2)"], &["--traffic-scenario", "Q(1,2)", "known are A, D, E"]);
    refused(&["--traffic-scenario", "D(1)"], &["--traffic-scenario", "expected D(in,out)"]);
    refused(&["--traffic-scenario", ""], &["--traffic-scenario"]);
}

#[test]
fn a_number_that_makes_no_sense() {
    refused(&["--num-concurrency", "0"], &["--num-concurrency", "at least 1"]);
    refused(&["--num-concurrency", "-1"], &["--num-concurrency"]);
    refused(&["--warmup-ratio", "1"], &["--warmup-ratio"]);
    refused(&["--cooldown-ratio", "0.5", "--warmup-ratio", "0.6"], &["--cooldown-ratio"]);
    refused(&["--spawn-rate", "0"], &["--spawn-rate"]);
    refused(&["--max-time-per-run", "0"], &["--max-time-per-run", "more than 0"]);
    refused(&["--max-time-per-run", "-1"], &["'-1'", "--max-time-per-run", "minutes"]);
    refused(&["--prefix-len", "-1"], &["'-1'", "--prefix-len", "0 or more"]);
    refused(&["--num-workers", "abc"], &["'abc'", "--num-workers"]);
    refused(&["--metrics-refresh-interval", "soon"], &["'soon'", "--metrics-refresh-interval"]);
    refused(&["--request-timeout", "nan"], &["--request-timeout"]);
    refused(&["--stall-timeout", "-1"], &["--stall-timeout"]);
    refused(&["--drain-timeout", "-1"], &["--drain-timeout"]);
    refused(&["--max-error-rate", "1"], &["--max-error-rate", "less than 1"]);
}

#[test]
fn options_that_do_not_go_together() {
    refused(
        &["--task", "text-to-embeddings", "--traffic-scenario", "D(1,2)"],
        &["--traffic-scenario", "E(64)"],
    );
    let embeddings = ["--task", "text-to-embeddings", "--iteration-type", "num_concurrency"];
    refused(
        &[&embeddings[..], &["--batch-size", "4", "--batch-size", "8"]].concat(),
        &["--batch-size", "one number"],
    );
    refused(
        &["--prefix-len", "9", "--traffic-scenario", "D(9,2)"],
        &["--prefix-len", "9 tokens", "at most 8"],
    );
    refused(
        &["--prefix-len", "120", "--traffic-scenario", "U(100,200)/(9,9)"],
        &["--prefix-len", "at most 100"],
    );
    let wide = "N(1000,200)/(500,100)";
    refused(&["--prefix-len", "401", "--traffic-scenario", wide], &["--prefix-len", "at most 400"]);
    refused(&["--prefix-len", "9", "--prefix-ratio", "0.5"], &["--prefix-ratio"]);
    refused(&["--prefix-ratio", "1"], &["--prefix-ratio", "less than 1"]);
    refused(&["--num-prefixes", "3"], &["--num-prefixes", "--prefix-len"]);
    refused(&["--turns", "0"], &["--turns", "2-8"]);
    refused(&["--turns", "2", "--endpoint", "completions"], &["--turns"]);
    refused(&["--think-time", "1"], &["--think-time", "--turns"]);
    refused(&["--trace-speed", "2"], &["--trace"]);
    refused(&["--trace", "/x", "--traffic-scenario", "D(1,2)"], &["--traffic-scenario", "its own lengths"]);
    refused(&["--traffic-scenario", "dataset"], &["--traffic-scenario", "--dataset-path"]);
    refused(&["--traffic-scenario", "trace:burst"], &["--traffic-scenario", "--trace"]);
    refused(&["--trace", "/does/not/exist"], &["--trace", "/does/not/exist"]);
    refused(&["--model-mix", "a=0"], &["--model-mix", "more than 0"]);
    refused(&["--prompt-overhead", "some"], &["--prompt-overhead", "auto"]);
    refused(&["--workload", "/does/not/exist", "--seed", "4"], &["--workload"]);
    refused(&["--dataset-prompt-column", "x"], &["--dataset-prompt-column", "--dataset-path"]);
    refused(&["--skip-bad-rows"], &["--skip-bad-rows", "--dataset-path"]);
}

#[test]
fn a_task_is_refused_before_the_tokenizer_is_opened() {
    let output = genai_bench(&["benchmark", "--api-backend", "anthropic", "--api-model-name", "m"])
        .args(["--task", "text-to-rerank", "--max-requests-per-run", "1", "--model-tokenizer", "/nowhere"])
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for hint in ["--task", "anthropic", "text-to-rerank", "cohere"] {
        assert!(errors.contains(hint), "'{hint}' is not in: {errors}");
    }
    assert!(!errors.contains("/nowhere"), "{errors}");
}

#[test]
fn a_tokenizer_that_is_none() {
    refused(&["--model-tokenizer", "/does/not/exist"], &["--model-tokenizer", "/does/not/exist"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("tokenizer.json");
    std::fs::write(&file, "{}").expect("a file");
    let path = file.to_str().expect("a plain name");
    refused(&["--model-tokenizer", path], &["--model-tokenizer", path, "no tokenizer"]);
    refused(&["--model-tokenizer", folder.path().to_str().expect("a plain name")], &["no tokenizer"]);
}

#[test]
fn parameters_that_are_no_json_object() {
    refused(&["--additional-request-params", "{'a': 1}"], &["--additional-request-params", "double quotes"]);
    refused(&["--additional-request-params", "[1]"], &["--additional-request-params", "not a JSON object"]);
    refused(&["--additional-request-params", ""], &["--additional-request-params", "empty", "leave it out"]);
    refused(&["--header", "no colon"], &["--header", "NAME: VALUE"]);
}

#[test]
fn an_unusable_server_is_an_error_before_the_first_run() {
    refused(
        &["--api-base", "http://127.0.0.1:1"],
        &["http://127.0.0.1:1", "is the server running", "--skip-preflight"],
    );
    refused(&["--api-base", "localhost:8000"], &["--api-base", "http://"]);
    let settings = r#"{"api_key": "sesame"}"#;
    refused(&["--simulator-settings", settings, "--api-key", "wrong"], &["401", "--api-key"]);
    refused(&["--simulator-settings", r#"{"faults": {"server_error": 100}}"#], &["500"]);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let output = simulated(&file, &["--num-concurrency", "1"]).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--experiment-base-dir"), "{errors}");
}

#[test]
fn every_option_that_is_missing_is_named_at_once() {
    let output = genai_bench(&["benchmark"]).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for option in ["--api-backend", "--api-model-name", "--max-time-per-run", "--max-requests-per-run"] {
        assert!(errors.contains(option), "{option} is not in: {errors}");
    }
}

#[test]
fn an_option_that_a_provider_lacks_is_named() {
    for (typed, hint) in [
        (&["--endpoint", "responses"][..], "--endpoint: cohere"),
        (&["--continuous-usage-stats"], "--continuous-usage-stats: cohere"),
        (&["--ignore-eos", "true"], "--ignore-eos: cohere"),
    ] {
        let command = &mut genai_bench(&["benchmark", "--api-backend", "cohere", "--api-key", "k"]);
        command.args([
            "--api-model-name",
            "m",
            "--traffic-scenario",
            "D(5,5)",
            "--max-requests-per-run",
            "2",
        ]);
        let output = command.args(typed).output().expect("the binary runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(hint), "'{hint}' is not in: {errors}");
    }
}
