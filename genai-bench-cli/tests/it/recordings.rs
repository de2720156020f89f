//! Replay of recordings: notes on rows that are left out and on detected formats, in the output and the metadata.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::{genai_bench, journal, succeeded};

/// Runs a recording against the simulator, and returns its standard error.
fn replayed(folder: &Path, name: &str, text: &str, extra: &[&str]) -> String {
    let output = command(folder, name, text, extra).output().expect("the binary runs");
    succeeded(&output);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a recording that is refused, and returns its standard error.
fn refused(name: &str, text: &str, extra: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = command(folder.path(), name, text, extra).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn command(folder: &Path, name: &str, text: &str, extra: &[&str]) -> std::process::Command {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("a file");
    let base = folder.to_str().expect("a plain name");
    let mut command = genai_bench(&["benchmark", "--api-backend", "simulated", "--api-model-name", "m"]);
    command.args(["--experiment-base-dir", base, "--experiment-folder-name", "e", "--max-time-per-run", "1"]);
    command.args(["--trace", file.to_str().expect("a plain name")]).args(extra);
    command
}

fn recording(folder: &Path) -> Value {
    let text = std::fs::read(folder.join("e/experiment_metadata.json")).expect("metadata");
    serde_json::from_slice::<Value>(&text).expect("JSON")["recording"].clone()
}

/// Returns the lengths of prompts and the output limits, in the order of the requests.
fn lengths(folder: &Path) -> Vec<(Option<u64>, u64)> {
    let lines = journal(folder);
    let requests = lines.iter().filter_map(|line| line.get("request"));
    let mut lengths: Vec<_> = requests
        .map(|it| {
            (it["due"].as_u64(), it["input"].as_u64(), it["max_output_tokens"].as_u64().expect("a limit"))
        })
        .collect();
    lengths.sort_unstable();
    lengths.into_iter().map(|(_, input, output)| (input, output)).collect()
}

#[test]
fn rows_without_output_are_left_out_with_a_note() {
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.2+00:00,36,9\n\
                 2024-05-10 00:00:00.0+00:00,50,0\n2024-05-10 00:00:00.1+00:00,0,3\n2024-05-10 00:00:00.15+00:00,90,7\n";
    let mooncake = "{\"timestamp\": 200, \"input_length\": 36, \"output_length\": 9}\n\
                    {\"timestamp\": 0, \"input_length\": 50, \"output_length\": 0}\n\
                    {\"timestamp\": 100, \"input_length\": 0, \"output_length\": 3}\n\
                    {\"timestamp\": 150, \"input_length\": 90, \"output_length\": 7}\n";
    for (name, text) in [("azure.csv", azure), ("mooncake.jsonl", mooncake)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let notes = replayed(folder.path(), name, text, &[]);
        let note = "left out 2 of 4 rows of the recording (1: 0 input tokens; 1: 0 output tokens)";
        assert!(notes.contains(note), "{notes}");
        assert_eq!(lengths(folder.path()), [(Some(90), 7), (Some(36), 9)], "{name}");
        let left_out = json!({"0 input tokens": 1, "0 output tokens": 1});
        assert_eq!(recording(folder.path())["rows_left_out"], left_out, "{name}");
    }
}

#[test]
fn bailian_is_sent_in_seconds_with_its_blocks() {
    let text = "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 61.0, \"input_length\": 33, \"output_length\": 4, \
                \"type\": \"text\", \"turn\": 1, \"hash_ids\": [1, 2, 3]}\n\
                {\"chat_id\": 2, \"parent_chat_id\": 1, \"timestamp\": 61.25, \"input_length\": 40, \"output_length\": 5, \
                \"type\": \"file\", \"turn\": 2, \"hash_ids\": [1, 2, 4]}\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = replayed(folder.path(), "b.jsonl", text, &[]);
    assert!(notes.contains("sent as text of their length: 1 file"), "{notes}");
    let lines = journal(folder.path());
    let due: Vec<_> = lines.iter().filter_map(|it| it.get("request")?.get("due")?.as_u64()).collect();
    assert_eq!(due, [0, 250_000_000]);
    let recording = recording(folder.path());
    assert_eq!((&recording["format"], &recording["block_size"]), (&json!("bailian"), &json!(16)));
    assert_eq!(recording["notes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn requests_of_an_agent_are_sent_after_the_answers() {
    let text = "{\"session_id\": \"s\", \"timestamp\": 0, \"input_length\": 30, \"output_length\": 4}\n\
                {\"session_id\": \"s\", \"delay\": 100, \"input_length\": 10, \"output_length\": 5}\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = replayed(folder.path(), "a.jsonl", text, &[]);
    assert!(notes.contains("0 as whole prompts, 1 as messages"), "{notes}");
    let lines = journal(folder.path());
    let requests: Vec<_> = lines.iter().filter_map(|it| it.get("request")).collect();
    let ended = requests[0]["ended"].as_u64().expect("a time");
    let due = requests[1]["due"].as_u64().expect("a time");
    assert!(requests[1]["turn"] == 1 && due >= ended + 100_000_000, "{requests:?}");
    let completions = refused("a.jsonl", text, &["--endpoint", "completions"]);
    assert!(completions.contains("--endpoint") && completions.contains("chat"), "{completions}");
}

#[test]
fn doubtful_times_and_blocks_are_refused_with_the_option() {
    let line = |time: &str, hashes: &str| {
        format!(
            "{{\"timestamp\": {time}, \"input_length\": 33, \"output_length\": 4, \"hash_ids\": [{hashes}]}}\n"
        )
    };
    let times = refused("m.jsonl", &[line("0", "1"), line("61.5", "1")].concat(), &[]);
    assert!(times.contains("line 2") && times.contains("--trace-time-unit s"), "{times}");
    let odd = [line("0", "1"), line("300", "1, 2, 3, 4, 5, 6, 7")].concat();
    let blocks = refused("m.jsonl", &odd, &[]);
    assert!(blocks.contains("line 2") && blocks.contains("--trace-block-size"), "{blocks}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = replayed(folder.path(), "m.jsonl", &odd, &["--trace-block-size", "512"]);
    assert!(notes.contains("fewer hash_ids than blocks of 512 tokens: 1, the first in line 2"), "{notes}");
    let seconds = [line("0.0", "1, 2, 3"), line("0.3", "1, 2, 4")].concat();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let notes = replayed(folder.path(), "s.jsonl", &seconds, &[]);
    assert!(notes.contains("read as seconds"), "{notes}");
}

#[test]
fn requests_of_a_journal_without_output_are_left_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows = "{\"arrival_s\": 0, \"input\": 30, \"output\": 4}\n{\"arrival_s\": 0.1, \"input\": 20, \"output\": 3}\n";
    replayed(folder.path(), "p.jsonl", rows, &[]);
    let journal = std::fs::read_dir(folder.path().join("e")).expect("a folder");
    let journal = journal.map(|it| it.expect("an entry").path());
    let journal =
        journal.into_iter().find(|it| it.extension().is_some_and(|it| it == "jsonl")).expect("a journal");
    let text = std::fs::read_to_string(&journal).expect("a journal").replacen(
        "\"max_output_tokens\":4",
        "\"max_output_tokens\":0",
        1,
    );
    std::fs::write(&journal, text).expect("a journal");
    let lock = folder.path().join("w");
    let mut command = genai_bench(&["workload", "make", "--api-model-name", "m"]);
    command.arg("--output").arg(&lock).arg("--from-journal").arg(&journal);
    let output = command.output().expect("the binary runs");
    succeeded(&output);
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(notes.contains("left out 1 of 2 rows of the recording (1: 0 output tokens)"), "{notes}");
}
