//! Notes on conversations, tools and rows of datasets that are left out.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::{genai_bench, simulated, succeeded};

/// Runs with a dataset of this content, and returns its standard error and its metadata.
fn run(name: &str, content: &str, extra: &[&str]) -> (String, Value) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(name);
    std::fs::write(&file, content).expect("a file");
    let dataset = ["--num-concurrency", "1", "--dataset-path", file.to_str().expect("a plain name")];
    let output = simulated(folder.path(), &[&dataset[..], extra].concat()).output().expect("the binary runs");
    succeeded(&output);
    let metadata = std::fs::read(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    (printed, serde_json::from_slice(&metadata).expect("JSON"))
}

#[test]
fn rows_left_out_are_noted_and_in_the_metadata_by_reason() {
    let rows = r#"{"prompt": "one"}
{"prompt": " "}
{"prompt": null}
{"conversations": [{"from": "gpt", "value": "x"}]}
nonsense
{"prompt": "one two", "output_tokens": 0}
"#;
    let (printed, metadata) = run("a.jsonl", rows, &["--skip-bad-rows"]);
    let note = "note: dataset: 4 of 6 rows left out: 1 whose prompt is null, 1 whose prompt is blank, 1 without a question \
                of the user, 1 that cannot be read";
    assert!(printed.contains(note), "{printed}");
    assert!(printed.contains("answers of 0 tokens, asked for with 1: 1"), "{printed}");
    let expected = json!({"null_prompt": 1, "blank_prompt": 1, "no_question": 1, "bad_row": 1});
    assert_eq!(metadata["dataset_rows_left_out"], expected);
    assert_eq!(metadata["dataset_changes"], json!({"empty_answer": 1}));
}

#[test]
fn a_dataset_that_is_sent_whole_has_no_note() {
    let (printed, metadata) = run("a.jsonl", "{\"prompt\": \"one\"}\n", &[]);
    assert!(!printed.contains("dataset:"), "{printed}");
    assert_eq!((metadata.get("dataset_rows_left_out"), metadata.get("dataset_changes")), (None, None));
}

#[test]
fn an_empty_field_keeps_the_row_without_the_option() {
    let csv = "a,b\none,\none,two\n";
    let template = ["--dataset-prompt-column", "{a} and {b}"];
    let (_, metadata) = run("a.csv", csv, &template);
    assert_eq!(metadata.get("dataset_rows_left_out"), None);
    let (printed, metadata) = run("a.csv", csv, &[&template[..], &["--skip-empty-fields"]].concat());
    assert!(
        printed.contains("dataset: 1 of 2 rows left out: 1 with an empty field of the template"),
        "{printed}"
    );
    assert_eq!(metadata["dataset_rows_left_out"], json!({"empty_field": 1}));
}

const TOOLS: &str = r#"{"conversations": [{"from": "human", "value": "one"}], "tools": "[{\"name\": \"f\"}]"}
{"conversations": [{"from": "human", "value": "one"}, {"from": "gpt", "value": "x"}, {"from": "human", "value": "two"}]}
"#;

#[test]
fn rows_with_tools_are_left_out_if_they_cannot_be_sent() {
    let (printed, metadata) = run("a.jsonl", TOOLS, &[]);
    assert_eq!(metadata.get("dataset_rows_left_out"), None, "{printed}");
    let (printed, metadata) = run("a.jsonl", TOOLS, &["--endpoint", "responses"]);
    let note = "dataset: 1 of 2 rows left out: 1 with definitions, calls or results of tools, which the backend simulated \
                with --endpoint responses cannot send";
    assert!(printed.contains(note), "{printed}");
    assert_eq!(metadata["dataset_rows_left_out"], json!({"tools": 1}));
}

#[test]
fn a_note_names_conversations_cut_to_their_first_question() {
    for extra in [&["--endpoint", "completions"][..], &["--task", "text-to-embeddings"]] {
        let (printed, metadata) = run("a.jsonl", TOOLS, extra);
        assert!(
            printed.contains("conversations of which only the first message of the user is sent"),
            "{printed}"
        );
        assert_eq!(metadata["dataset_changes"], json!({"conversation_cut": 2}));
    }
    let (printed, metadata) = run("a.jsonl", TOOLS, &["--traffic-scenario", "D(8,2)"]);
    assert!(printed.contains("prompts are cut from the user messages"), "{printed}");
    assert_eq!(metadata["dataset_changes"], json!({"conversation_as_text": 2}));
}

#[test]
fn a_lock_holds_tools_and_each_question_of_a_conversation() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let plain = |path: &Path| path.to_str().expect("a plain name").to_owned();
    let row = r#"{"turns": ["one", "two"], "functions": [{"name": "f", "parameters": {}}]}"#;
    std::fs::write(path("a.jsonl"), row).expect("a file");
    let base = plain(folder.path());
    let (lock, dataset) = (plain(&path("w.jsonl")), plain(&path("a.jsonl")));
    let mut command = genai_bench(&["workload", "make", "--output", &lock, "--dataset-path", &dataset]);
    command.args(["--api-model-name", "m", "--num-concurrency", "1", "--max-requests-per-run", "2"]);
    succeeded(&command.output().expect("the binary runs"));
    let text = std::fs::read_to_string(&lock).expect("a lock");
    let mut sessions =
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()?.get("session").cloned());
    let session = sessions.next_back().expect("a session");
    let turns = session[2]["turns"].as_array().expect("turns").clone();
    let tool = json!({"type": "function", "function": {"name": "f", "parameters": {}}});
    assert!(turns.len() == 2 && turns.iter().all(|turn| turn["request"]["tools"] == json!([tool])), "{text}");
    assert_eq!(turns[1]["request"]["input"]["chat"]["messages"].as_array().map(Vec::len), Some(3));
    let shown = genai_bench(&["workload", "show", &lock]).output().expect("the binary runs");
    assert!(succeeded(&shown).contains(r#"tool: {"type":"function""#));
    succeeded(&genai_bench(&["workload", "verify", &lock]).output().expect("the binary runs"));
    let again =
        ["benchmark", "--api-backend", "simulated", "--experiment-base-dir", &base, "--workload", &lock];
    succeeded(&genai_bench(&again).output().expect("the binary runs"));
}
