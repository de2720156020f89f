//! Prompts, conversations and pictures from files.

use std::path::Path;

use serde_json::Value;

use crate::command::{genai_bench, results, simulated, succeeded};

/// Runs with a dataset of this name and content, and returns the rows of its result.
fn rows(name: &str, content: &[u8], extra: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(name);
    std::fs::write(&file, content).expect("a file");
    let dataset = ["--num-concurrency", "2", "--dataset-path", file.to_str().expect("a plain name")];
    let output = simulated(folder.path(), &[&dataset[..], extra].concat()).output().expect("the binary runs");
    succeeded(&output);
    let rows = results(folder.path())[0]["individual_request_metrics"].as_array().cloned();
    rows.expect("rows")
}

/// The length of each prompt, sorted.
fn lengths(rows: &[Value]) -> Vec<u64> {
    let mut lengths: Vec<u64> = rows.iter().filter_map(|it| it["num_input_tokens"].as_u64()).collect();
    lengths.sort_unstable();
    lengths
}

#[test]
fn rows_are_sent_as_they_are_all_before_one_again() {
    let two_of_each: Vec<u64> = vec![1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3];
    assert_eq!(lengths(&rows("a.txt", b"one\none two\n\none two three\n", &[])), two_of_each);
    let csv = "id,question\n1,one\n2,one two\n3,\"one\ntwo three\"\n";
    assert_eq!(
        lengths(&rows("a.csv", csv.as_bytes(), &["--dataset-prompt-column", "question"])),
        two_of_each
    );
    let json = r#"[{"prompt": "one"}, {"prompt": "one two"}, {"prompt": "one two three"}]"#;
    assert_eq!(lengths(&rows("a.json", json.as_bytes(), &[])), two_of_each);
}

#[test]
fn a_scenario_cuts_prompts_from_the_dataset() {
    let rows =
        rows("a.txt", b"to be or not to be\nthat is the question\n", &["--traffic-scenario", "D(25,4)"]);
    assert_eq!(lengths(&rows), [25; 12]);
}

#[test]
fn conversations_are_held_turn_by_turn() {
    let line = r#"{"conversations": [{"from": "human", "value": "one two"}, {"from": "gpt", "value": "a b c"}, {"from": "human", "value": "three"}]}"#;
    let rows = rows("a.jsonl", line.as_bytes(), &["--history", "recorded"]);
    assert_eq!(lengths(&rows), [[2; 6], [6; 6]].concat());
}

#[test]
fn embeddings_take_rows_in_batches() {
    let extra = ["--task", "text-to-embeddings", "--batch-size", "3"];
    assert_eq!(lengths(&rows("a.txt", b"one\none two\none two three\n", &extra)), [6; 12]);
}

/// Asserts that a dataset is refused with all of `hints`, and that no folder is left.
fn refused(name: &str, content: &[u8], extra: &[&str], hints: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(name);
    std::fs::write(&file, content).expect("a file");
    let dataset = ["--num-concurrency", "2", "--dataset-path", file.to_str().expect("a plain name")];
    let output = simulated(folder.path(), &[&dataset[..], extra].concat()).output().expect("the binary runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    for hint in hints {
        assert!(error.contains(hint), "'{hint}' is not in: {error}");
    }
    assert!(!folder.path().join("e").exists(), "nothing is left behind");
}

#[test]
fn a_dataset_that_is_none_is_refused_by_file_and_line() {
    refused(
        "a.csv",
        b"id,text\n1,x\n",
        &["--dataset-prompt-column", "prompt"],
        &["a.csv", "line 2", "'prompt'", "id, text"],
    );
    refused("a.jsonl", b"{\"prompt\": \"x\"}\n{\"prompt\"", &[], &["a.jsonl", "line 2"]);
    refused("a.txt", b"\n\n", &[], &["a.txt", "--dataset-path"]);
    refused("a.xyz", b"x", &[], &["a.xyz", "csv", "parquet"]);
}

#[test]
fn a_config_of_the_python_tool_is_read_and_its_lambda_is_not_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("a.csv");
    std::fs::write(&data, "caption\na cat\n").expect("a file");
    let config = |lambda: &str| {
        let path = data.to_str().expect("a plain name");
        let json = serde_json::json!({"source": {"type": "file", "path": path, "file_format": "csv"}, "prompt_lambda": lambda});
        let file = folder.path().join("config.json");
        std::fs::write(&file, json.to_string()).expect("a file");
        file
    };
    let run = |file: &Path| {
        let file = file.to_str().expect("a plain name");
        let extra = ["--num-concurrency", "1", "--dataset-config", file];
        simulated(folder.path(), &extra).output().expect("the binary runs")
    };
    let output = run(&config("lambda x: 'Describe ' + x['caption']"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("--dataset-config") && error.contains("{caption}"), "{error}");
    succeeded(&run(&config("Describe it: {caption}")));
    assert_eq!(
        lengths(results(folder.path())[0]["individual_request_metrics"].as_array().expect("rows")),
        [4; 12]
    );
}

#[test]
fn what_is_only_on_the_hub_needs_the_hub() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = folder.path().to_str().expect("a plain name");
    for (option, name) in [("--dataset-path", "owner/questions"), ("--model-tokenizer", "owner/model")] {
        let mut command =
            genai_bench(&["benchmark", "--api-backend", "simulated", "--max-requests-per-run", "1"]);
        command.args(["--experiment-base-dir", base, option, name]);
        command.env("HF_HUB_OFFLINE", "1").env("HF_HOME", folder.path().join("hf"));
        let output = command.output().expect("the binary runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && error.contains(name) && error.contains(option), "{error}");
    }
}

#[test]
fn bad_rows_are_skipped_where_that_is_asked_for_and_named_otherwise() {
    const LINES: &[u8] = b"{\"prompt\": \"one\"}\n{\"prompt\": \n{\"prompt\": \"one two\"}\n";
    refused("a.jsonl", LINES, &[], &["a.jsonl line 2", "--skip-bad-rows"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a.jsonl");
    std::fs::write(&file, LINES).expect("a file");
    let dataset = ["--num-concurrency", "2", "--dataset-path", file.to_str().expect("a plain name")];
    let mut command = simulated(folder.path(), &[&dataset[..], &["--skip-bad-rows"]].concat());
    let output = command.output().expect("the binary runs");
    succeeded(&output);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("left out rows of the dataset that cannot be read: 1"), "{errors}");
    assert!(errors.contains("a.jsonl line 2"), "{errors}");
    let metadata = std::fs::read(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    assert_eq!(metadata["dataset_rows_skipped"], 1);
    let rows = results(folder.path())[0]["individual_request_metrics"].as_array().cloned();
    assert_eq!(lengths(&rows.expect("rows")), [[1; 6], [2; 6]].concat());
}
