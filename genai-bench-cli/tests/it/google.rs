//! Google credentials: their precedence, and the errors for unusable ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::genai_bench;

const KEY: &str = "key-do-not-show-0123456789";

/// Builds a benchmark with this home folder and these variables, and no others.
fn benchmark(home: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = genai_bench(&["benchmark", "--api-backend", "gcp-vertex", "--api-model-name", "m"]);
    command.args(["--max-requests-per-run", "2", "--num-concurrency", "1", "--traffic-scenario", "D(5,5)"]);
    command.arg("--experiment-base-dir").arg(home);
    command.env_clear().env("HOME", home).envs(variables.iter().copied());
    command
}

/// Asserts that the command fails with errors that contain all of `hints` and no secret, and returns them.
fn refused(command: &mut Command, hints: &[&str]) -> String {
    let output = command.output().expect("the binary runs");
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{printed}");
    for hint in hints {
        assert!(printed.contains(hint), "'{hint}' is not in: {printed}");
    }
    assert!(!printed.contains(KEY), "{printed}");
    printed
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
    fs::write(&path, text).expect("a file can be written");
    path
}

/// The login of a user, whose token server does not exist.
fn login(project: &str) -> String {
    serde_json::json!({"type": "authorized_user", "client_id": "id", "client_secret": KEY, "refresh_token": KEY,
        "token_uri": "http://127.0.0.1:1/token", "quota_project_id": project})
    .to_string()
}

#[test]
fn a_bad_file_is_named_and_its_content_not_shown() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (text, hint) in [
        (format!("{{\"{KEY}\""), "is no JSON"),
        (format!("{{\"type\": \"{KEY}\"}}"), "has a type that is not known"),
        (format!("{{\"type\": \"authorized_user\", \"client_secret\": \"{KEY}\"}}"), "has no client_id"),
    ] {
        let file = written(home.path(), "bad.json", &text);
        let file = file.to_str().expect("a plain path");
        let hints = ["--gcp-credentials-path", "bad.json", hint];
        refused(benchmark(home.path(), &[]).args(["--gcp-credentials-path", file]), &hints);
        refused(&mut benchmark(home.path(), &[("GOOGLE_APPLICATION_CREDENTIALS", file)]), &hints);
    }
    let nowhere = ["--gcp-credentials-path", "/no/such/file.json"];
    refused(
        benchmark(home.path(), &[]).args(nowhere),
        &["--gcp-credentials-path", "/no/such/file.json cannot be read"],
    );
}

#[test]
fn sources_are_listed_if_there_are_no_credentials() {
    let home = tempfile::tempdir().expect("a temporary folder");
    refused(&mut benchmark(home.path(), &[]), &["--api-key", "GEMINI_API_KEY", "--gcp-credentials-path"]);
    let nobody = [("GCP_PROJECT_ID", "p"), ("GCE_METADATA_HOST", "127.0.0.1:1")];
    let hints = ["the metadata server at 127.0.0.1:1", "gcloud auth application-default login"];
    refused(&mut benchmark(home.path(), &nobody), &hints);
    let unknown = [("GOOGLE_GENAI_USE_VERTEXAI", "true"), ("GEMINI_API_KEY", KEY)];
    refused(&mut benchmark(home.path(), &unknown), &["--gcp-project-id"]);
}

#[test]
fn gclouds_login_is_found_and_brings_its_project() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = ".config/gcloud/application_default_credentials.json";
    written(home.path(), file, &login("from-the-login"));
    refused(&mut benchmark(home.path(), &[]), &[file, "127.0.0.1:1/token", "refused"]);
    // Another folder of gcloud's has none.
    let elsewhere = [
        ("CLOUDSDK_CONFIG", "/no/such/folder"),
        ("GCP_PROJECT_ID", "p"),
        ("GCE_METADATA_HOST", "127.0.0.1:1"),
    ];
    refused(&mut benchmark(home.path(), &elsewhere), &["the metadata server"]);
    written(home.path(), file, &login(""));
    refused(&mut benchmark(home.path(), &[]), &["--gcp-project-id", "names none"]);
}

#[test]
fn options_win_over_the_environment() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let typed = written(home.path(), "typed.json", &login("typed"));
    let set = written(home.path(), "set.json", &login("set"));
    let [typed, set] = [&typed, &set].map(|it| it.to_str().expect("a plain path"));
    let variables = [("GOOGLE_APPLICATION_CREDENTIALS", set), ("GEMINI_API_KEY", KEY)];
    let option = ["--gcp-credentials-path", typed];
    let printed = refused(benchmark(home.path(), &variables).args(option), &["typed.json: "]);
    assert!(!printed.contains("set.json"), "{printed}");
    let both = &mut benchmark(home.path(), &variables);
    let note = "note: --api-key is ignored, as with the Python tool: --gcp-credentials-path says who asks";
    refused(both.args(option).args(["--api-key", KEY]), &[note, "typed.json: "]);
    let two = &mut benchmark(home.path(), &variables);
    refused(
        two.args(option).args(["--gcp-access-token", KEY]),
        &["--gcp-access-token: --gcp-credentials-path is a credential too"],
    );
}

#[test]
fn a_project_that_is_set_for_all_sends_no_key_to_vertex_ai() {
    let home = tempfile::tempdir().expect("a temporary folder");
    // Nothing listens at the address, which the error contains with its path.
    let at = |variables: &[(&str, &str)]| {
        let mut command = benchmark(home.path(), variables);
        command.args(["--api-base", "http://127.0.0.1:1"]);
        refused(&mut command, &["http://127.0.0.1:1/v1"])
    };
    let for_all = ("GOOGLE_CLOUD_PROJECT", "p-for-all");
    for key in ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GCP_API_KEY"] {
        assert!(!at(&[for_all, (key, KEY)]).contains("p-for-all"), "{key}");
    }
    assert!(at(&[("GCP_PROJECT_ID", "p-for-this"), ("GEMINI_API_KEY", KEY)]).contains("projects/p-for-this"));
    let vertex = [for_all, ("GEMINI_API_KEY", KEY), ("GOOGLE_GENAI_USE_VERTEXAI", "true")];
    assert!(at(&vertex).contains("projects/p-for-all"));
}
