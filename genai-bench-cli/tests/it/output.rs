//! Standard output and standard error.

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

/// The name of the folder and the model's name in the metadata of a short benchmark.
fn names(extra: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = folder.path().to_str().expect("a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--traffic-scenario", "D(5,5)", "--num-concurrency", "1", "--max-requests-per-run", "2"]);
    succeeded(&command.args(extra).output().expect("the binary runs"));
    let made = std::fs::read_dir(folder.path()).expect("a folder").next().expect("an experiment");
    let made = made.expect("an entry");
    let metadata = std::fs::read(made.path().join("experiment_metadata.json")).expect("metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).expect("JSON");
    let name = made.file_name().into_string().expect("a plain name");
    (name, metadata["model"].as_str().expect("a name").to_owned())
}

#[test]
fn the_folder_is_named_by_the_model_and_fit_for_file_systems() {
    let model = ["--api-model-name", "library/llama3:8b", "--model-tokenizer", "cl100k_base"];
    let (folder, model) = names(&model);
    assert!(folder.starts_with("simulated_text-to-text_llama3_8b_"), "{folder}");
    assert_eq!(model, "llama3:8b");
}

#[test]
fn the_folder_of_a_mix_is_named_by_its_models() {
    let (folder, model) = names(&["--model-mix", "org/a=8,org/b"]);
    assert!(folder.starts_with("simulated_text-to-text_a=8_b_"), "{folder}");
    assert_eq!(model, "a=8,b");
}
