//! Files and folders of datasets: the rows that are read, and the notes on them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{results, simulated, succeeded};

/// A file of a test: its name and its bytes.
type File<'a> = (&'a str, &'a [u8]);

/// The outcome of a run.
struct Ran {
    /// The number of words of each prompt that was sent, each once, sorted.
    lengths: Vec<u64>,
    /// The notes on the dataset in the metadata.
    notes: String,
    errors: String,
    code: Option<i32>,
}

/// Writes files into a folder.
fn write(folder: &Path, files: &[File<'_>]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

/// Runs a benchmark in a folder.
fn run(folder: &Path, extra: &[&str]) -> Ran {
    let results_folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = simulated(results_folder.path(), &[&["--num-concurrency", "2"], extra].concat());
    let output = command.current_dir(folder).env("HF_HUB_OFFLINE", "1").output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Ran { lengths: Vec::new(), notes: String::new(), errors, code: output.status.code() };
    }
    succeeded(&output);
    let rows = results(results_folder.path())[0]["individual_request_metrics"].as_array().cloned();
    let rows = rows.expect("rows");
    let mut lengths: Vec<u64> = rows.iter().filter_map(|row| row["num_input_tokens"].as_u64()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let metadata = fs::read(results_folder.path().join("e/experiment_metadata.json")).expect("metadata");
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    let notes = metadata["dataset_notes"].as_array().cloned().unwrap_or_default();
    let notes: Vec<&str> = notes.iter().filter_map(Value::as_str).collect();
    for note in &notes {
        assert!(errors.contains(note), "'{note}' is not in: {errors}");
    }
    Ran { lengths, notes: notes.join("\n"), errors, code: Some(0) }
}

/// Three rows of one, two and three words.
const LINES: &[u8] = b"{\"prompt\": \"one\"}\n{\"prompt\": \"one two\"}\n{\"prompt\": \"one two three\"}\n";
/// A row of four words and a row of five.
const TEST: &[u8] = b"{\"prompt\": \"a b c d\"}\n{\"prompt\": \"a b c d e\"}\n";

#[test]
fn files_of_every_shape_are_read_and_guesses_are_noted() {
    let rows: [(File<'_>, &str); 5] = [
        (("a.csv", b"id;prompt\r\n1;one\r\n2;one, two\r\n3;one two three\r\n"), "separated by ';'"),
        (("a.csv", b"sep=|\nid|prompt\n1|one\n2|one two\n3|one two three\n"), "its first line 'sep='"),
        (
            (
                "a.jsonl",
                b"[{\"prompt\": \"one\"}, {\"prompt\": \"one two\"}, {\"prompt\": \"one two three\"}]",
            ),
            "one JSON array",
        ),
        (("a.jsonl", LINES), ""),
        (
            ("a.csv", b"\xff\xfep\0r\0o\0m\0p\0t\0\n\0o\0n\0e\0\n\0o\0n\0e\0 \0t\0\n\0a\0 \0b\0 \0c\0\n\0"),
            "UTF-16",
        ),
    ];
    for (file, note) in rows {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), &[file]);
        let ran = run(folder.path(), &["--dataset-path", file.0]);
        assert_eq!(ran.lengths, [1, 2, 3], "{}", ran.errors);
        assert!(ran.notes.contains(note) && ran.notes.is_empty() == note.is_empty(), "{}", ran.notes);
    }
}

#[test]
fn files_of_other_formats_are_refused_by_their_format() {
    let rows: [(File<'_>, &[&str]); 6] = [
        (
            ("a.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"),
            &["a.jsonl", "git lfs pull"],
        ),
        (("a.csv", b"<!DOCTYPE html><html><body>Log in</body></html>"), &["a.csv", "a web page"]),
        (("a.zip", b"PK\x03\x04\x14\0\0\0\x08\0a.csv"), &["a.zip", "a zip archive: unpack it"]),
        (("a.parquet", b"id,prompt\n1,one\n"), &["a.parquet", "not a Parquet file, but text"]),
        (
            ("a.jsonl", b"{\"prompt\": \"one\", \"score\": NaN}\n"),
            &["a.jsonl line 1", "NaN is not JSON: write null"],
        ),
        (("a.csv", b"a;b|c\n1;2|3\n"), &["a.csv", "ambiguous separator", "sep=;"]),
    ];
    for (file, hints) in rows {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), &[file]);
        let ran = run(folder.path(), &["--dataset-path", file.0]);
        assert_eq!(ran.code, Some(2), "{}", ran.errors);
        for hint in hints {
            assert!(ran.errors.contains(hint), "'{hint}' is not in: {}", ran.errors);
        }
    }
}

#[test]
fn a_format_is_named_by_an_option() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(
        folder.path(),
        &[("a.dat", LINES), ("d/a.jsonl", LINES), ("d/b.csv", b"prompt\nsix of one and half dozen\n")],
    );
    assert_eq!(
        run(folder.path(), &["--dataset-path", "a.dat", "--dataset-format", "jsonl"]).lengths,
        [1, 2, 3]
    );
    let csv = run(folder.path(), &["--dataset-path", "d", "--dataset-format", "csv"]);
    assert_eq!(csv.lengths, [6]);
    assert!(csv.notes.contains("no rows are read from a.jsonl"), "{}", csv.notes);
    for (extra, hints) in [
        (vec!["--dataset-path", "a.dat"], ["--dataset-path", "--dataset-format"]),
        (vec!["--dataset-path", "d"], ["such as b.csv", "--dataset-format"]),
        (vec!["--dataset-path", "d", "--dataset-format", "xml"], ["--dataset-format", "txt, csv, tsv, json"]),
        (vec!["--dataset-format", "csv"], ["--dataset-format", "give --dataset-path too"]),
    ] {
        let ran = run(folder.path(), &extra);
        assert!(ran.code == Some(2) && hints.iter().all(|hint| ran.errors.contains(hint)), "{}", ran.errors);
    }
}

/// A local clone of a dataset.
const CLONE: [File<'static>; 7] = [
    ("d/data/train-00000-of-00001.jsonl", LINES),
    ("d/data/test-00000-of-00001.jsonl", TEST),
    ("d/README.md", b"# A dataset\n"),
    ("d/LICENSE", b"MIT"),
    ("d/load.py", b""),
    ("d/.gitattributes", b"*"),
    ("d/notes.docx", b"PK"),
];

#[test]
fn a_folder_with_splits_is_not_mixed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), &CLONE);
    let ran = run(folder.path(), &["--dataset-path", "d"]);
    assert_eq!(ran.lengths, [1, 2, 3]);
    assert!(ran.notes.contains("d: the split 'train' is read, and not test"), "{}", ran.notes);
    assert!(ran.notes.ends_with("d: no rows are read from notes.docx"), "{}", ran.notes);
    for (split, lengths) in
        [("test", vec![4, 5]), ("train[:2]", vec![1, 2]), ("train+test", vec![1, 2, 3, 4, 5])]
    {
        let ran = run(folder.path(), &["--dataset-path", "d", "--dataset-split", split]);
        assert_eq!((ran.lengths, ran.notes.contains("the split")), (lengths, false), "{split}");
    }
    let ran = run(folder.path(), &["--dataset-path", "d", "--dataset-split", "dev"]);
    assert!(
        ran.code == Some(2) && ran.errors.contains("no split 'dev': it has test, train"),
        "{}",
        ran.errors
    );
}

/// Runs with a configuration of a source of type `huggingface`.
fn configured(folder: &Path, place: &str, arguments: &Value) -> Ran {
    let config = json!({"source": {"type": "huggingface", "path": place, "huggingface_kwargs": arguments}});
    fs::write(folder.join("config.json"), config.to_string()).expect("a file");
    run(folder, &["--dataset-config", "config.json"])
}

#[test]
fn arguments_of_load_dataset_choose_the_same_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), &CLONE);
    write(folder.path(), &[("a.dat", LINES), ("b.csv", b"id;prompt\n1;a b c d\n2;a b c d e\n")]);
    let absolute = format!("{}/d/data/te*.jsonl", folder.path().display());
    let (train, test, all) = (&[1, 2, 3][..], &[4, 5][..], &[1, 2, 3, 4, 5][..]);
    let rows: [(&str, Value, &[u64], &str); 10] = [
        ("d", json!({"split": "test"}), test, ""),
        ("d", json!({"data_files": "data/t?st-*.jsonl"}), test, ""),
        ("d", json!({"data_files": ["data/train-*", "data/[t]est-*"]}), all, ""),
        ("d", json!({"data_files": "**/*.jsonl", "split": "train"}), all, ""),
        (
            "d",
            json!({"data_files": {"one": "data/test-*.jsonl", "train": "data/train-*"}, "split": "one"}),
            test,
            "",
        ),
        (
            "d",
            json!({"data_files": {"a": "data/test-*.jsonl", "train": "data/train-*"}}),
            train,
            "'train' is read, and not a",
        ),
        ("d", json!({"data_dir": "data"}), train, "'train' is read, and not test"),
        ("json", json!({"data_files": "a.dat"}), train, ""),
        ("json", json!({"data_files": {"test": absolute}, "split": "test"}), test, ""),
        ("csv", json!({"data_files": "b.csv"}), test, "separated by ';'"),
    ];
    for (place, arguments, lengths, note) in rows {
        let ran = configured(folder.path(), place, &arguments);
        assert_eq!(ran.lengths, lengths, "{place} {arguments}: {}", ran.errors);
        assert!(ran.notes.contains(note), "{arguments}: {}", ran.notes);
        assert_eq!(
            ran.notes.replace("d: no rows are read from notes.docx", "").trim().is_empty(),
            note.is_empty(),
            "{}",
            ran.notes
        );
    }
    let refused = [
        ("d", json!({"data_files": "data/none-*"}), "no file fits data/none-*"),
        ("d", json!({"data_files": "data/test-*", "split": "test"}), "no split 'test'"),
        ("d", json!({"data_files": {"a": "x", "b": "y"}, "split": "c"}), "no split 'c': data_files has a, b"),
        ("json", json!({"data_files": "https://example.org/a.jsonl"}), "is an address"),
        ("json", json!({}), "name them in huggingface_kwargs with data_files"),
        ("arrow", json!({"data_files": "a.arrow"}), "supported are csv, json, parquet, text"),
    ];
    for (place, arguments, problem) in refused {
        let ran = configured(folder.path(), place, &arguments);
        assert!(ran.code == Some(2) && ran.errors.contains(problem), "{arguments}: {}", ran.errors);
    }
}

/// A Parquet file that is nothing but a footer, with a schema of groups of so many columns each.
fn schema_alone(groups: &[u8]) -> Vec<u8> {
    let mut footer = vec![0x15, 2, 0x19, 0xfc, groups.len() as u8 & 0x7f | 0x80, (groups.len() >> 7) as u8];
    for columns in groups {
        footer.extend([0x48, 1, b'a', 0x15, columns << 1, 0]);
    }
    footer.push(0);
    let length = u32::try_from(footer.len()).expect("a small footer").to_le_bytes();
    [b"PAR1", &footer[..], &length, b"PAR1"].concat()
}

#[test]
fn a_parquet_file_with_an_excessive_schema_is_refused() {
    for (groups, expected) in [(vec![1; 10_000], "more than 64 deep"), (vec![60, 0], "a group of 60 columns")]
    {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), &[("a.parquet", &schema_alone(&groups))]);
        let ran = run(folder.path(), &["--traffic-scenario", "dataset", "--dataset-path", "a.parquet"]);
        assert_eq!(ran.code, Some(2), "{}", ran.errors);
        assert!(ran.errors.contains("a.parquet") && ran.errors.contains(expected), "{}", ran.errors);
    }
}
