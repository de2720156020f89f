//! Workloads whose datasets and tokenizers have other locations, such as on another machine.

use std::fs;
use std::path::Path;

use crate::command::{genai_bench, succeeded};

/// Makes a lock from a dataset and a tokenizer.
fn make(folder: &Path, extra: &[&str]) {
    let mut command = genai_bench(&["workload", "make", "--api-model-name", "m", "--output", "w.jsonl"]);
    command.args(["--max-requests-per-run", "3", "--num-concurrency", "1", "--seed", "7"]).args(extra);
    succeeded(&command.current_dir(folder).output().expect("the binary runs"));
}

/// Verifies a lock, and returns `true` if it is valid, and the output.
fn verify(folder: &Path, lock: &str, extra: &[&str]) -> (bool, String) {
    let mut command = genai_bench(&["workload", "verify", lock]);
    let output = command.args(extra).current_dir(folder).output().expect("the binary runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const TABLE: &str = "id,prompt\n1,\"one\ntwo\"\n2,one two three\n";

#[test]
fn a_moved_dataset_is_accepted_if_its_hash_agrees() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (here, path) = (folder.path(), folder.path().join("a.csv"));
    fs::write(&path, TABLE).expect("a file");
    make(here, &["--recipe-only", "--dataset-path", path.to_str().expect("a plain name")]);
    assert_eq!(verify(here, "w.jsonl", &[]), (true, String::new()));
    fs::rename(&path, here.join("moved.csv")).expect("a file");
    for (name, text) in [
        ("crlf.csv", TABLE.replace('\n', "\r\n")),
        ("mark.csv", format!("\u{feff}{TABLE}")),
        ("other.csv", TABLE.replace("three", "four")),
    ] {
        fs::write(here.join(name), text).expect("a file");
    }
    let rows = [
        ("moved.csv", true, ""),
        ("mark.csv", true, ""),
        ("crlf.csv", false, "the same text, but its line ends are CRLF and not LF"),
        ("other.csv", false, "its rows hash to"),
        ("none.csv", false, "none.csv, is not on this machine: give its location with --dataset-path"),
    ];
    for (name, holds, problem) in rows {
        let (found, errors) = verify(here, "w.jsonl", &["--dataset-path", name]);
        assert!(found == holds && errors.contains(problem), "{name}: {errors}");
    }
    let (_, errors) = verify(here, "w.jsonl", &["--dataset-path", "other.csv"]);
    assert!(errors.contains("was locked") && !errors.contains("the same text"), "{errors}");
    let (found, errors) = verify(here, "w.jsonl", &[]);
    assert!(!found && errors.contains("a.csv, is not on this machine: give its location"), "{errors}");
    let (found, errors) = verify(here, "w.jsonl", &["--dataset-config", "c.json"]);
    assert!(!found && errors.contains("was named by --dataset-path: give that"), "{errors}");
    fs::write(&path, TABLE.replace("three", "four")).expect("a file");
    let (found, errors) = verify(here, "w.jsonl", &[]);
    assert!(!found && errors.contains("not the dataset that the workload was made with"), "{errors}");
}

#[test]
fn a_moved_workload_is_sent_with_its_places() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (here, path) = (folder.path(), folder.path().join("a.csv"));
    fs::write(&path, TABLE).expect("a file");
    make(here, &["--recipe-only", "--dataset-path", path.to_str().expect("a plain name")]);
    fs::rename(&path, here.join("moved.csv")).expect("a file");
    let base = here.to_str().expect("a plain name");
    let mut command = genai_bench(&["benchmark", "--api-backend", "simulated", "--workload", "w.jsonl"]);
    command.args([
        "--dataset-path",
        "moved.csv",
        "--experiment-base-dir",
        base,
        "--experiment-folder-name",
        "e",
    ]);
    succeeded(&command.current_dir(here).output().expect("the binary runs"));
    let metadata = fs::read_to_string(here.join("e/experiment_metadata.json")).expect("metadata");
    assert!(metadata.contains("\"dataset_path\": \"moved.csv\""), "{metadata}");
}

#[test]
fn a_lock_with_other_line_ends_or_a_mark_is_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let here = folder.path();
    make(here, &["--traffic-scenario", "D(20,4)"]);
    let lock = fs::read_to_string(here.join("w.jsonl")).expect("a lock");
    let crlf = lock.replace('\n', "\r\n");
    for (name, text, change) in [
        ("crlf.jsonl", crlf.clone(), "CRLF line ends"),
        ("mark.jsonl", format!("\u{feff}{lock}"), "a byte order mark"),
        ("both.jsonl", format!("\u{feff}{crlf}"), "CRLF line ends and a byte order mark"),
    ] {
        fs::write(here.join(name), text).expect("a file");
        let (holds, errors) = verify(here, name, &[]);
        assert!(holds && errors.contains(change), "{name}: {errors}");
        let mut command = genai_bench(&["benchmark", "--api-backend", "simulated", "--workload", name]);
        command.args(["--experiment-base-dir", "r", "--experiment-folder-name", name]);
        succeeded(&command.current_dir(here).output().expect("the binary runs"));
    }
    let changed = lock.replacen("\"input\":", "\"input\": ", 1);
    assert_ne!(changed, lock);
    fs::write(here.join("other.jsonl"), changed.replace('\n', "\r\n")).expect("a file");
    let (holds, errors) = verify(here, "other.jsonl", &[]);
    assert!(!holds && errors.contains("the workload is not the same"), "{errors}");
}

/// A tokenizer that has a token for each of a few hundred words.
fn tokenizer(word: &str) -> String {
    let letter = |number: u32| char::from_u32(97 + number % 26).expect("a letter");
    let words = (0..400).map(|number| format!("{}{}{word}", letter(number), letter(number / 26)));
    let words: Vec<String> = words.zip(1..).map(|(word, id)| format!("    \"{word}\": {id}")).collect();
    let vocabulary = words.join(",\n");
    format!(
        "{{\n\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [], \"normalizer\": null,\n\
         \"pre_tokenizer\": {{\"type\": \"WhitespaceSplit\"}}, \"post_processor\": null, \"decoder\": null,\n\
         \"model\": {{\"type\": \"WordLevel\", \"unk_token\": \"[UNK]\", \"vocab\": {{\n    \"[UNK]\": 0,\n{vocabulary}\n}}}}}}\n"
    )
}

#[test]
fn a_moved_tokenizer_is_accepted_if_its_hash_agrees() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (here, path) = (folder.path(), folder.path().join("t/tokenizer.json"));
    for (name, text) in [
        ("t", tokenizer("word")),
        ("crlf", tokenizer("word").replace('\n', "\r\n")),
        ("other", tokenizer("term")),
    ] {
        fs::create_dir(here.join(name)).expect("a folder");
        fs::write(here.join(name).join("tokenizer.json"), text).expect("a file");
    }
    let place = path.to_str().expect("a plain name");
    make(here, &["--recipe-only", "--traffic-scenario", "D(20,4)", "--model-tokenizer", place]);
    assert_eq!(verify(here, "w.jsonl", &[]), (true, String::new()));
    fs::rename(here.join("t"), here.join("moved")).expect("a folder");
    let rows = [
        (None, false, "tokenizer.json, is not on this machine: give its location with --model-tokenizer"),
        (Some("moved"), true, ""),
        (Some("moved/tokenizer.json"), true, ""),
        (Some("crlf"), true, "its line ends are CRLF and not LF: it counts the same"),
        (Some("other"), false, "is another one"),
    ];
    for (place, holds, problem) in rows {
        let extra: Vec<&str> = place.into_iter().flat_map(|place| ["--model-tokenizer", place]).collect();
        let (found, errors) = verify(here, "w.jsonl", &extra);
        assert!(found == holds && errors.contains(problem), "{place:?}: {errors}");
    }
}

#[test]
fn a_moved_recording_is_accepted_if_its_sessions_agree() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (here, path) = (folder.path(), folder.path().join("t.jsonl"));
    let row = |arrival: f64, input: u64| {
        format!("{{\"arrival_s\": {arrival}, \"input\": {input}, \"output\": 4}}\n")
    };
    let recording = [row(0.0, 20), row(0.01, 30), row(0.02, 25)].concat();
    fs::write(&path, &recording).expect("a file");
    let place = path.to_str().expect("a plain name");
    make(here, &["--recipe-only", "--trace", place]);
    fs::rename(&path, here.join("moved.jsonl")).expect("a file");
    fs::write(here.join("other.jsonl"), recording.replace("25", "26")).expect("a file");
    let rows = [
        (None, false, "t.jsonl, is not on this machine: give its location with --trace"),
        (Some("moved.jsonl"), true, ""),
        (Some("other.jsonl"), false, "the workload is not the same"),
    ];
    for (place, holds, problem) in rows {
        let extra: Vec<&str> = place.into_iter().flat_map(|place| ["--trace", place]).collect();
        let (found, errors) = verify(here, "w.jsonl", &extra);
        assert!(found == holds && errors.contains(problem), "{place:?}: {errors}");
    }
}
