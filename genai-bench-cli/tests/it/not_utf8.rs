//! Names and variables that are not UTF-8: they are refused or used, without a panic.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output};

use crate::command::{genai_bench, simulated, succeeded};

fn bytes(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// Asserts that the command is refused, and returns its errors.
fn refused(command: &mut Command) -> String {
    let output: Output = command.output().expect("the binary runs");
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{printed}");
    printed
}

#[test]
fn a_key_that_is_no_utf8_is_refused_by_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let check = || genai_bench(&["auth", "check", "--api-backend", "vllm"]);
    let printed = refused(check().env("MODEL_API_KEY", bytes(b"sk-\xff-1")));
    assert!(printed.contains("$MODEL_API_KEY") && printed.contains("outside ASCII"), "{printed}");
    refused(check().arg(bytes(b"--api-key=\xff")));
    let file = folder.path().join(bytes(b"key-\xff"));
    std::fs::write(&file, "sk-1").expect("a file");
    succeeded(&check().arg("--api-key-file").arg(&file).output().expect("the binary runs"));
    std::fs::write(&file, b"\xff").expect("a file");
    assert!(refused(check().arg("--api-key-file").arg(&file)).contains("not UTF-8 text"));
}

#[test]
fn results_and_logs_may_be_in_any_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join(bytes(b"results-\xff"));
    std::fs::create_dir(&place).expect("a folder");
    let mut command = simulated(folder.path(), &["--traffic-scenario", "D(5,5)", "--num-concurrency", "1"]);
    command.arg("--experiment-base-dir").arg(&place).arg("--log-dir").arg(place.join("logs"));
    succeeded(&command.env(bytes(b"A\xff"), bytes(b"\xff")).output().expect("the binary runs"));
    let results = place.join("e");
    std::fs::write(results.join(bytes(b"journal_\xff.jsonl")), b"\xff").expect("a file");
    let mut rebuild = genai_bench(&["rebuild"]);
    succeeded(&rebuild.arg(&results).output().expect("the binary runs"));
}

#[test]
fn a_file_of_a_dataset_whose_name_is_no_utf8_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(data.join(bytes(b"train-\xff.jsonl")), "{\"text\": \"one\"}\n").expect("a file");
    let mut command = simulated(folder.path(), &["--num-concurrency", "1"]);
    let printed = refused(command.arg("--dataset-path").arg(&data));
    assert!(printed.contains("train-") && printed.contains("is not UTF-8: rename it"), "{printed}");
}
