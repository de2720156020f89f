//! Absence of keys in files and messages.

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
fn a_key_from_the_environment_is_used_and_named() {
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

/// Runs a benchmark with these options, and returns the exit code and what was printed.
fn run(extra: &[&str]) -> (Option<i32>, String) {
    let arguments =
        ["benchmark", "--api-backend", "openai", "--api-model-name", "m", "--num-concurrency", "1"];
    let output = crate::command::genai_bench(&arguments)
        .args(["--max-requests-per-run", "2", "--traffic-scenario", "D(5,5)"])
        .args(extra)
        .output()
        .expect("the binary runs");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn a_password_in_an_address_is_not_shown() {
    for (backend, address) in [
        ("openai", "http://me:sesame@host/v1"),
        ("openai", "http://host/v1?sig=sesame"),
        ("anthropic", "https://me:sesame@host"),
        ("cohere", "https://me:sesame@host"),
        ("vllm", "ftp://me:sesame@host"),
    ] {
        let (code, printed) = run(&["--api-backend", backend, "--api-base", address, "--api-key", KEY]);
        assert!(code == Some(2) && printed.contains("--api-base"), "{backend} {address}: {printed}");
        assert!(!printed.contains("sesame"), "{backend} {address}: {printed}");
    }
}

#[test]
fn a_header_without_a_colon_is_not_shown() {
    let (code, printed) = run(&["--api-base", "http://127.0.0.1:9", "--header", KEY]);
    assert!(code == Some(2) && printed.contains("--header") && printed.contains("NAME: VALUE"), "{printed}");
    assert!(!printed.contains(KEY), "{printed}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_unicode_do_not_panic() {
    use std::os::unix::ffi::OsStringExt;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let broken = std::ffi::OsString::from_vec(b"m\xff\xfe".to_vec());
    let mut command = simulated(folder.path(), &["--num-concurrency", "1", "--log-dir"]);
    succeeded(&command.arg(folder.path().join(&broken)).output().expect("the binary runs"));
    let mut command = simulated(folder.path(), &["--num-concurrency", "1", "--server-engine"]);
    let output = command.arg(broken).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && !errors.contains("panicked"), "{errors}");
    assert!(errors.contains("error: --server-engine: the value is not valid Unicode"), "{errors}");
}

#[cfg(unix)]
#[test]
fn paths_of_the_environment_need_not_be_unicode() {
    use std::os::unix::ffi::OsStringExt;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path().join(std::ffi::OsString::from_vec(b"h\xff".to_vec()));
    std::fs::create_dir_all(home.join(".oci")).expect("a folder");
    std::fs::write(home.join(".oci/config"), "[DEFAULT]\nuser=u\n").expect("a file");
    let check = ["auth", "check", "--api-backend", "oci-cohere", "--api-model-name", "m"];
    let output = crate::command::genai_bench(&check).env("HOME", &home).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    // The file is found, and is wrong.
    assert!(output.status.code() == Some(2) && errors.contains("tenancy"), "{errors}");
}
