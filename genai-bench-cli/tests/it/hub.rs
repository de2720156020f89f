//! Tokenizers and datasets by their names on a hub, which runs on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::thread;

use serde_json::Value;

use crate::command::{results, simulated, succeeded};

/// A tokenizer with one token for each of a few words.
const TOKENIZER: &str = r#"{"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null,
    "decoder": null, "truncation": null, "padding": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
    "model": {"type": "WordLevel", "unk_token": "[UNK]",
              "vocab": {"[UNK]": 0, "alpha": 1, "beta": 2, "gamma": 3, "delta": 4, "epsilon": 5, "zeta": 6}}}"#;
const QUESTIONS: &str = "{\"prompt\": \"one two\"}\n{\"prompt\": \"one two three\"}\n";
/// Rows of one word and, from the third on, of two.
const LONG: &str =
    "{\"text\": \"one\"}\n{\"text\": \"one\"}\n{\"text\": \"one two\"}\n{\"text\": \"one two\"}\n";
const LONG_FILES: &str = r#"[{"type": "file", "path": "train.jsonl", "size": 77, "oid": "2"}]"#;
const FILES: &str = r#"[{"type": "file", "path": "questions.jsonl", "size": 55, "oid": "1"}]"#;

/// Returns the content of the hub at `path`, in any revision, and its name there.
fn content(path: &str) -> Option<(&'static str, &'static str)> {
    let file = |repo: &str, name: &str| {
        let rest = path.strip_prefix(repo).and_then(|it| it.strip_prefix("/resolve/"));
        rest.is_some_and(|it| it.split_once('/').is_some_and(|it| it.1 == name))
    };
    if file("/owner/model", "tokenizer.json") {
        Some((TOKENIZER, "\"t1\""))
    } else if file("/datasets/owner/questions", "questions.jsonl") {
        Some((QUESTIONS, "\"q1\""))
    } else if path.starts_with("/api/datasets/owner/questions/tree/") {
        Some((FILES, "\"f1\""))
    } else if file("/datasets/meta-llama/Llama-2-7b-hf", "train.jsonl") {
        Some((LONG, "\"l1\""))
    } else if path.starts_with("/api/datasets/meta-llama/Llama-2-7b-hf/tree/") {
        Some((LONG_FILES, "\"l2\""))
    } else {
        None
    }
}

/// Answers requests until the test is over; returns the hub's address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().for_each(|it| drop(thread::spawn(|| converse(it)))));
    format!("http://{address}")
}

fn converse(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().expect("a socket can be shared")).lines();
    while let Some(Ok(request)) = lines.next() {
        while lines.next().is_some_and(|it| it.is_ok_and(|it| !it.is_empty())) {}
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (status, body, headers) = match content(path) {
            Some((body, etag)) => ("200 OK", body, format!("etag: {etag}\r\n")),
            None => ("404 Not Found", "", "x-error-code: EntryNotFound\r\n".to_owned()),
        };
        let shown = if method == "HEAD" { "" } else { body };
        let commit = "x-repo-commit: 0123456789012345678901234567890123456789\r\n";
        let length = body.len();
        let written =
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{commit}{headers}\r\n{shown}");
        if written.is_err() {
            return;
        }
    }
}

fn run(folder: &Path, hub: Option<&str>, extra: &[&str]) -> Output {
    let mut command = simulated(folder, &[&["--num-concurrency", "2"], extra].concat());
    command.env("HF_HOME", folder.join("hf")).env_remove("HF_TOKEN").env_remove("HF_HUB_CACHE");
    match hub {
        Some(hub) => command.env("HF_ENDPOINT", hub).env_remove("HF_HUB_OFFLINE"),
        None => command.env("HF_HUB_OFFLINE", "1"),
    };
    command.output().expect("the binary runs")
}

fn lengths(folder: &Path) -> Vec<Value> {
    let rows = results(folder)[0]["individual_request_metrics"].as_array().cloned().expect("rows");
    rows.into_iter().map(|it| it["num_input_tokens"].clone()).collect()
}

#[test]
fn a_tokenizer_and_a_dataset_are_fetched_once_and_then_found() {
    let (hub, folder) = (serve(), tempfile::tempdir().expect("a temporary folder"));
    let options = ["--model-tokenizer", "owner/model", "--dataset-path", "owner/questions"];
    let scenario = ["--traffic-scenario", "D(20,3)"];
    let first = run(folder.path(), Some(&hub), &[&options[..], &scenario].concat());
    succeeded(&first);
    assert!(String::from_utf8_lossy(&first.stderr).contains("fetching tokenizer.json"));
    std::fs::rename(folder.path().join("e"), folder.path().join("first")).expect("a folder can be moved");
    // The rows as they are, and without the hub.
    let second = run(folder.path(), None, &options);
    succeeded(&second);
    assert!(!String::from_utf8_lossy(&second.stderr).contains("fetching"));
    let mut lengths: Vec<u64> = lengths(folder.path()).iter().filter_map(Value::as_u64).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [[2; 6], [3; 6]].concat());
}

#[test]
fn missing_files_of_the_hub_are_named() {
    let (hub, folder) = (serve(), tempfile::tempdir().expect("a temporary folder"));
    for option in ["--model-tokenizer", "--dataset-path"] {
        let output = run(folder.path(), Some(&hub), &[option, "owner/nothing"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(option) && error.contains("owner/nothing"), "{error}");
    }
}

/// The example `examples/dataset_configs/huggingface_advanced.json` of the Python tool, with this split and folder.
fn advanced_example(split: &str, cache: &Path) -> String {
    let config = serde_json::json!({
        "source": {
            "type": "huggingface",
            "path": "meta-llama/Llama-2-7b-hf",
            "huggingface_kwargs": {
                "split": split, "revision": "main", "cache_dir": cache, "use_auth_token": true, "num_proc": 4,
                "streaming": false, "trust_remote_code": true, "download_mode": "force_redownload"
            }
        },
        "prompt_column": "text"
    });
    config.to_string()
}

/// Runs with the example, and returns the lengths of prompts, sorted and each once, and standard error.
fn run_example(hub: &str, split: &str) -> (Vec<u64>, String, bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (cache, file) = (folder.path().join("custom"), folder.path().join("config.json"));
    std::fs::write(&file, advanced_example(split, &cache)).expect("a file");
    let output = run(folder.path(), Some(hub), &["--dataset-config", file.to_str().expect("a plain name")]);
    succeeded(&output);
    let mut lengths: Vec<u64> = lengths(folder.path()).iter().filter_map(Value::as_u64).collect();
    lengths.sort_unstable();
    lengths.dedup();
    (lengths, String::from_utf8_lossy(&output.stderr).into_owned(), cache.is_dir())
}

#[test]
fn the_advanced_example_of_the_python_tool_runs() {
    let hub = serve();
    let (lengths, errors, is_cached) = run_example(&hub, "train[:1000]");
    assert_eq!((lengths, is_cached), (vec![1, 2], true));
    let named = "without effect: download_mode, num_proc, streaming, trust_remote_code";
    assert!(errors.contains(named), "{errors}");
    assert_eq!(run_example(&hub, "train[:2]").0, [1]);
    assert_eq!(run_example(&hub, "train[50%:]").0, [2]);
    assert_eq!(run_example(&hub, "train[-1:] + train[:1]").0, [1, 2]);
}

#[test]
fn a_token_that_goes_to_another_hub_is_named_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hub = serve();
    let files = ["--model-tokenizer", "owner/model", "--dataset-path", "owner/questions"];
    let mut command = simulated(folder.path(), &[&["--num-concurrency", "1"], &files[..]].concat());
    command.env("HF_HOME", folder.path().join("hf")).env_remove("HF_HUB_CACHE").env_remove("HF_HUB_OFFLINE");
    let output =
        command.env("HF_ENDPOINT", &hub).env("HF_TOKEN", "hf_12345678").output().expect("the binary runs");
    succeeded(&output);
    let printed = String::from_utf8_lossy(&output.stderr);
    let text = "the token in $HF_TOKEN goes to 127.0.0.1:";
    assert_eq!(printed.matches(text).count(), 1, "{printed}");
    assert!(!printed.contains("hf_12345678"), "{printed}");
}
