//! A key is in no file and no message.

use crate::command::{failed, files, simulated, succeeded};

const LEVEL: &str = "GENAI_BENCH_LOGGING_LEVEL";
const KEY: &str = "sk-do-not-show-0123456789";

#[test]
fn a_key_is_in_no_file_and_no_message() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = format!(r#"{{"api_key": "{KEY}"}}"#);
    let extra = ["--traffic-scenario", "D(5,5)", "--num-concurrency", "1", "--header", "X-Tenant: 7"];
    let mut command = simulated(folder.path(), &extra);
    let params = format!(r#"{{"metadata": {{"token": "{KEY}"}}}}"#);
    command.args([
        "--api-key",
        KEY,
        "--additional-request-params",
        &params,
        "--simulator-settings",
        &settings,
    ]);
    let logs = folder.path().join("logs");
    command.args(["--log-dir", logs.to_str().expect("a plain name")]).env(LEVEL, "DEBUG");
    let output = command.output().expect("the binary runs");
    let table = succeeded(&output);
    let log = std::fs::read_to_string(logs.join("genai_bench.log")).expect("a log");
    assert!(!log.contains(KEY) && log.contains("--api-key ***"), "{log}");
    assert!(!table.contains(KEY) && !String::from_utf8_lossy(&output.stderr).contains(KEY));
    let all = files(folder.path(), |_| true);
    let metadata = std::fs::read_to_string(folder.path().join("e/experiment_metadata.json"));
    assert!(metadata.expect("metadata").contains(r#""has_api_key": true"#));
    assert!(all.len() >= 3, "{all:?}");
    for file in all {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        assert!(!text.contains(KEY), "{} holds the key", file.display());
    }
}

#[test]
fn a_wrong_key_is_not_shown_when_it_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = r#"{"api_key": "sesame"}"#;
    let output = simulated(folder.path(), &["--simulator-settings", settings, "--api-key", KEY]).output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains(KEY));
}

#[test]
fn a_bad_key_of_a_variable_is_named_by_the_variable() {
    let arguments =
        ["benchmark", "--api-backend", "openai", "--api-model-name", "m", "--num-concurrency", "1"];
    let output = crate::command::genai_bench(&arguments)
        .args(["--max-requests-per-run", "2", "--traffic-scenario", "D(5,5)"])
        .env("OPENAI_API_KEY", "sk-1\n2")
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("error: the key in $OPENAI_API_KEY has a character"), "{errors}");
    assert!(!errors.contains("--api-key") && !errors.contains("sk-1"), "{errors}");
}

#[test]
fn a_key_from_the_environment_is_used_and_said_to_be() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = folder.path().to_str().expect("a plain name");
    // Nothing listens there: what counts is what is written down.
    let output =
        crate::command::genai_bench(&["benchmark", "--api-backend", "vllm", "--api-model-name", "m"])
            .args(["--api-base", "http://127.0.0.1:1", "--skip-preflight", "--experiment-base-dir", base])
            .args(["--experiment-folder-name", "e", "--max-requests-per-run", "2", "--num-concurrency", "1"])
            .args(["--traffic-scenario", "D(5,5)"])
            .env("MODEL_API_KEY", KEY)
            .output();
    failed(&output.expect("the binary runs"));
    let metadata =
        std::fs::read_to_string(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    assert!(metadata.contains(r#""has_api_key": true"#) && !metadata.contains(KEY), "{metadata}");
}
