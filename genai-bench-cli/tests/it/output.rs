//! What is printed, and to whom.

use crate::command::{genai_bench, results, simulated, succeeded};

#[test]
fn a_reader_that_has_gone_is_no_crash() {
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let listed = genai_bench(&["backends"]).stdout(gone()).output().expect("the binary runs");
    assert!(listed.status.success(), "{listed:?}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let measured = simulated(folder.path(), &["--traffic-scenario", "D(5,5)", "--num-concurrency", "2"])
        .stdout(gone())
        .output()
        .expect("the binary runs");
    assert!(measured.status.success(), "{measured:?}");
    assert_eq!(results(folder.path()).len(), 1);
}

#[test]
fn the_folder_is_named_by_the_model_and_fit_for_file_systems() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = folder.path().to_str().expect("a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--api-model-name", "library/llama3:8b", "--model-tokenizer", "cl100k_base"]);
    command.args(["--traffic-scenario", "D(5,5)", "--num-concurrency", "1", "--max-requests-per-run", "2"]);
    succeeded(&command.output().expect("the binary runs"));
    let made = std::fs::read_dir(folder.path()).expect("a folder").next().expect("an experiment");
    let made = made.expect("an entry");
    let name = made.file_name().into_string().expect("a plain name");
    assert!(name.starts_with("simulated_text-to-text_llama3_8b_"), "{name}");
    let metadata = std::fs::read_to_string(made.path().join("experiment_metadata.json")).expect("metadata");
    assert!(metadata.contains(r#""model": "llama3:8b""#), "{metadata}");
}
