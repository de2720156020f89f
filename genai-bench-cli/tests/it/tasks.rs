//! Every task, end to end, one command each.

use serde_json::Value;

use crate::command::{results, simulated, succeeded};

/// Runs a task and returns its only result.
fn result(task: &str, scenario: &str, extra: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = ["--task", task, "--traffic-scenario", scenario];
    let output = simulated(folder.path(), &[&base, extra].concat()).output().expect("the binary runs");
    let table = succeeded(&output);
    assert!(table.contains(scenario), "{table}");
    let mut results = results(folder.path());
    assert_eq!(results.len(), 1, "{task}");
    results.remove(0)
}

/// Asserts that all twelve requests were answered, and that each has all of `there` and nothing of `absent`. Of TPOT one is
/// enough: on a busy machine the chunks of an answer may arrive at once, and then nothing is known of the time between tokens.
fn answered(result: &Value, there: &[&str], absent: &[&str]) {
    let run = &result["aggregated_metrics"];
    assert_eq!((&run["num_completed_requests"], &run["num_error_requests"]), (&12.into(), &0.into()));
    let rows = result["individual_request_metrics"].as_array().expect("rows");
    let has = |row: &Value, metric: &str| row[metric].as_f64().is_some_and(|it| it > 0.0);
    for metric in there {
        let needed = if *metric == "tpot" { 1 } else { rows.len() };
        let found = rows.iter().filter(|row| has(row, metric)).count();
        assert!(found >= needed, "{metric} in {rows:?}");
    }
    for row in rows {
        for metric in absent {
            assert!(row.get(metric).is_none_or(Value::is_null), "{metric} in {row}");
        }
    }
}

const ONE: [&str; 2] = ["--num-concurrency", "2"];

#[test]
fn text_by_each_of_its_endpoints() {
    for endpoint in ["chat", "completions", "responses"] {
        let result = result("text-to-text", "D(40,6)", &["--num-concurrency", "2", "--endpoint", endpoint]);
        answered(
            &result,
            &["ttft", "tpot", "e2e_latency", "num_output_tokens"],
            &["audio_throughput", "num_items"],
        );
        let row = &result["individual_request_metrics"][0];
        assert_eq!(
            (&row["num_input_tokens"], &row["num_output_tokens"]),
            (&40.into(), &6.into()),
            "{endpoint}"
        );
    }
}

#[test]
fn embeddings_in_batches() {
    let extra = ["--num-concurrency", "2", "--batch-size", "4"];
    let result = result("text-to-embeddings", "E(30)", &extra);
    answered(
        &result,
        &["e2e_latency", "input_throughput", "num_items"],
        &["ttft", "tpot", "num_output_tokens"],
    );
    let (run, row) = (&result["aggregated_metrics"], &result["individual_request_metrics"][0]);
    assert_eq!((&run["iteration_type"], &run["batch_size"]), (&"batch_size".into(), &4.into()));
    assert_eq!((&row["num_input_tokens"], &row["num_items"]), (&120.into(), &4.into()));
}

#[test]
fn documents_to_rank() {
    let result = result("text-to-rerank", "R(30,10)", &["--num-concurrency", "2", "--batch-size", "3"]);
    answered(&result, &["e2e_latency", "num_items"], &["ttft", "num_output_tokens"]);
    assert_eq!(result["individual_request_metrics"][0]["num_items"], 3);
}

#[test]
fn pictures_to_make() {
    let fast = ["--num-concurrency", "2", "--simulator-settings", r#"{"image": "20ms"}"#];
    let result = result("text-to-image", "I(64,64,2)", &fast);
    answered(&result, &["e2e_latency", "num_items"], &["ttft"]);
    assert_eq!(result["individual_request_metrics"][0]["num_items"], 2);
}

#[test]
fn speech_with_its_first_byte() {
    let result = result("text-to-speech", "A(30)", &ONE);
    answered(
        &result,
        &["ttft", "e2e_latency", "audio_throughput", "num_audio_bytes"],
        &["tpot", "num_output_tokens"],
    );
    assert_eq!(result["individual_request_metrics"][0]["num_audio_bytes"], 30_000);
}

#[test]
fn pictures_and_a_video_to_look_at() {
    let few = ["--num-concurrency", "2", "--distinct-media", "2"];
    let result_of = |task, scenario| result(task, scenario, &few);
    let pictures = result_of("image-text-to-text", "I(64,48,2)/(20,6)");
    answered(&pictures, &["ttft", "tpot"], &["num_items"]);
    // 20 words, and two pictures of 256 tokens each.
    assert_eq!(pictures["individual_request_metrics"][0]["num_input_tokens"], 20 + 2 * 256);
    let video = result_of("video-text-to-text", "V(64,48,3)/(20,6)");
    answered(&video, &["ttft", "tpot"], &["num_items"]);
    let embedded = result_of("image-to-embeddings", "I(64,48)");
    answered(&embedded, &["e2e_latency", "num_items"], &["ttft"]);
}
