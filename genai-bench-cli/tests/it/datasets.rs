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
fn the_python_tools_config_is_read_and_its_lambda_refused() {
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
fn files_of_the_hub_are_not_found_offline() {
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
fn bad_rows_are_named_or_skipped_with_the_option() {
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

/// Runs with a dataset of pictures or rows by this configuration, which is refused, and returns the error.
fn config_refused(folder: &Path, config: &Value, extra: &[&str]) -> String {
    let file = folder.join("config.json");
    std::fs::write(&file, config.to_string()).expect("a file");
    let typed = ["--num-concurrency", "1", "--dataset-config", file.to_str().expect("a plain name")];
    let output = simulated(folder, &[&typed[..], extra].concat()).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_split_of_a_local_folder_can_be_selected() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(data.join("train.jsonl"), "{\"text\": \"one two\"}\n").expect("a file");
    std::fs::write(data.join("test.jsonl"), "{\"text\": \"one\"}\n").expect("a file");
    let config = |arguments: Value| serde_json::json!({"source": {"type": "huggingface", "path": data, "huggingface_kwargs": arguments}});
    let file = folder.path().join("config.json");
    std::fs::write(&file, config(serde_json::json!({"split": "test"})).to_string()).expect("a file");
    let typed = ["--num-concurrency", "1", "--dataset-config", file.to_str().expect("a plain name")];
    succeeded(&simulated(folder.path(), &typed).output().expect("the binary runs"));
    let rows = results(folder.path())[0]["individual_request_metrics"].as_array().cloned().expect("rows");
    assert_eq!(lengths(&rows), [1; 12]);
    let error = config_refused(folder.path(), &config(serde_json::json!({"split": "validation"})), &[]);
    assert!(error.contains("--dataset-config") && error.contains("no split 'validation'"), "{error}");
    let error = config_refused(folder.path(), &config(serde_json::json!({"split": "train[5]"})), &[]);
    assert!(error.contains("split 'train[5]'") && error.contains("train[:1000]"), "{error}");
    let error = config_refused(folder.path(), &config(serde_json::json!({"features": {}})), &[]);
    assert!(error.contains("'features' is not known") && error.contains("data_files"), "{error}");
}

/// The head of a PNG of 12000 x 9000 pixels, and its end.
fn large_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(12_000_u32.to_be_bytes());
    png.extend(9_000_u32.to_be_bytes());
    png.extend(b"\x08\x02\0\0\0");
    let crc = crc32(&png[12..]);
    png.extend(crc.to_be_bytes());
    for (name, body) in [(b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1][..]), (b"IEND", &[])] {
        let chunk = [&name[..], body].concat();
        png.extend(u32::try_from(body.len()).expect("a short chunk").to_be_bytes());
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8)
            .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (!(crc & 1)).wrapping_add(1)))
    })
}

#[test]
fn an_image_that_is_too_large_is_an_error_of_its_option() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).expect("a folder");
    std::fs::write(pictures.join("a.png"), large_png()).expect("a file");
    let config =
        serde_json::json!({"source": {"type": "huggingface", "path": pictures}, "image_column": "image"});
    let error = config_refused(folder.path(), &config, &["--task", "image-text-to-text"]);
    assert!(error.contains("error: --dataset-config: a picture of the dataset"), "{error}");
    assert!(error.contains("12000 x 9000") && error.contains("unsafe_allow_large_images"), "{error}");
}
