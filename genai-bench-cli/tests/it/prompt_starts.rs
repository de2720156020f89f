//! Beginnings of prompts that are cut from a dataset, which a prefix cache must not contain.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::command::{genai_bench, simulated, succeeded};
use crate::simulator::Simulator;

/// The most words that two prompts may begin with alike.
const SHARED_WORDS: usize = 8;
const SWEEP: [&str; 10] = [
    "--traffic-scenario",
    "D(1000,4)",
    "--num-concurrency",
    "2",
    "--num-concurrency",
    "8",
    "--num-concurrency",
    "16",
    "--max-requests-per-run",
    "1000",
];

/// Returns the tokens of each request's prompt, and those that the simulator's prefix cache held.
fn truth(simulator: &Simulator) -> Vec<(u64, u64)> {
    let answer = simulator.answer("/truth", &simulator.address, "");
    let body = &answer[answer.find("\r\n\r\n").expect("a head")..];
    let requests: Vec<Value> = serde_json::from_str(body).expect("JSON");
    let number = |request: &Value, name: &str| request[name].as_u64().expect("a number");
    requests.iter().map(|it| (number(it, "input_tokens"), number(it, "cached_tokens"))).collect()
}

/// Writes rows of 10 to 40 words of a small vocabulary.
fn write_rows(path: &Path, rows: u64) {
    let mut text = String::new();
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..rows {
        for _ in 0..10 + next(31) {
            write!(text, "word{} ", next(500)).expect("text");
        }
        text.push('\n');
    }
    std::fs::write(path, text).expect("a file");
}

/// Returns the prompts of a workload that `workload make` wrote, in the order of their texts: those of the runs, and the few
/// that are sent before the runs.
fn prompts(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a workload");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let prompt_of = |line: Value| {
        let prompt = line.pointer("/session/2/turns/0/request/input/chat/messages/0/text")?;
        Some(prompt.as_str()?.to_owned())
    };
    let mut prompts: Vec<String> = lines.filter_map(prompt_of).collect();
    prompts.sort();
    prompts
}

fn shared_words(one: &str, other: &str) -> usize {
    one.split_whitespace().zip(other.split_whitespace()).take_while(|(one, other)| one == other).count()
}

#[test]
fn prompts_of_a_sweep_share_no_more_than_their_first_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (rows, made) = (folder.path().join("rows.txt"), folder.path().join("made.jsonl"));
    write_rows(&rows, 200);
    let base = folder.path().to_str().expect("a plain name");
    let dataset =
        ["--seed", "7", "--api-model-name", "m", "--dataset-path", rows.to_str().expect("a plain name")];

    let output = genai_bench(&["workload", "make", "--output", made.to_str().expect("a plain name")])
        .args(dataset)
        .args(SWEEP)
        .output();
    succeeded(&output.expect("the binary runs"));
    let prompts = prompts(&made);
    assert_eq!(prompts.len(), 3_000 + 4, "and those before the runs");
    // Of sorted texts neighbours have the most in common.
    let shared = prompts.windows(2).map(|pair| shared_words(&pair[0], &pair[1])).max();
    assert!(shared.is_some_and(|words| words <= SHARED_WORDS), "{shared:?} words");

    let simulator = Simulator::start(|it| it.args(["--prefix-cache-tokens", "100000000"]));
    let api_base = format!("http://{}", simulator.address);
    let output = genai_bench(&["benchmark", "--api-backend", "openai", "--api-base", &api_base])
        .args(["--api-key", "no-secret", "--max-time-per-run", "60", "--experiment-base-dir", base])
        .args(["--experiment-folder-name", "e"])
        .args(dataset)
        .args(SWEEP)
        .output();
    succeeded(&output.expect("the binary runs"));
    let truth = truth(&simulator);
    assert_eq!(truth.iter().filter(|(input, _)| *input == 1_000).count(), 3_001, "and one before the runs");
    assert_eq!(truth.iter().map(|(_, cached)| cached).sum::<u64>(), 0);
    let metadata = std::fs::read(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    assert!(metadata["dataset_beginnings"].as_u64() > Some(3_000), "{metadata}");
    assert_eq!(metadata["dataset_prompts_filled"], 0);
}

/// Runs 12 requests of the simulator with a dataset of these lines, and returns the exit code, what was printed and the
/// metadata.
fn run(lines: &str, extra: &[&str]) -> (Option<i32>, String, Value) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("rows.jsonl");
    std::fs::write(&file, lines).expect("a file");
    let dataset = ["--num-concurrency", "2", "--dataset-path", file.to_str().expect("a plain name")];
    let output = simulated(folder.path(), &[&dataset[..], extra].concat()).output().expect("the binary runs");
    let metadata = std::fs::read(folder.path().join("e/experiment_metadata.json")).unwrap_or(b"null".into());
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), printed, serde_json::from_slice(&metadata).expect("JSON"))
}

#[test]
fn rows_that_are_sent_again_are_counted() {
    let lines = "{\"prompt\": \"one\"}\n{\"prompt\": \"two\"}\n";
    let (code, printed, metadata) = run(lines, &[]);
    assert_eq!((code, &metadata["dataset_rows_repeated"]), (Some(0), &Value::from(10)), "{printed}");
    assert!(printed.contains("requests take up to 12 rows, and the dataset has 2"), "{printed}");
    let enough: String = (0..12).map(|row| format!("{{\"prompt\": \"row {row}\"}}\n")).collect();
    let (code, printed, metadata) = run(&enough, &[]);
    assert_eq!((code, &metadata["dataset_rows_repeated"]), (Some(0), &Value::from(0)), "{printed}");
    assert!(!printed.contains("the dataset"), "{printed}");
}

#[test]
fn texts_that_prompts_are_not_cut_from_are_named() {
    let cut = ["--traffic-scenario", "D(20,4)"];
    let pictures = "{\"image\": \"https://a/1.png\"}\n";
    let (code, printed, _) = run(pictures, &cut);
    assert!(code == Some(2) && printed.contains("no row of 1 has a text"), "{printed}");
    let conversation = "{\"messages\": [{\"role\": \"user\", \"content\": \"why is it so\"}, \
                        {\"role\": \"assistant\", \"content\": \"because\"}]}\n";
    let (code, printed, _) = run(&format!("{conversation}{pictures}"), &cut);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("cut from the user messages of the dataset's conversations (1)"), "{printed}");
    assert!(printed.contains("cut from: 1 of 2"), "{printed}");
}
