//! Helpers that run the binary and read its output and its files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Builds a command for the binary, without environment variables that change its behaviour.
pub(crate) fn genai_bench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genai-bench"));
    command.args(arguments);
    for variable in [
        "MODEL_API_KEY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
        "GENAI_BENCH_LOGGING_LEVEL",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Builds the command for a short benchmark of the simulator. Options in `extra` override the defaults.
pub(crate) fn simulated(folder: &Path, extra: &[&str]) -> Command {
    let base = folder.to_str().expect("a temporary folder has a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--experiment-folder-name", "e", "--max-requests-per-run", "12"]).args(extra);
    command
}

/// Asserts that the command succeeded, and returns its standard output.
pub(crate) fn succeeded(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asserts that the command ended with code 1 because of failures in its results, and returns its errors.
pub(crate) fn failed(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    errors
}

/// Returns the results of the experiment, in the order of the files' names.
pub(crate) fn results(folder: &Path) -> Vec<Value> {
    files(folder, |name| name.contains("_time_") && name.ends_with(".json"))
        .iter()
        .map(|path| serde_json::from_slice(&std::fs::read(path).expect("a readable file")).expect("JSON"))
        .collect()
}

/// Returns the complete lines of the experiment's only journal; none if there is no journal yet.
pub(crate) fn journal(folder: &Path) -> Vec<Value> {
    let paths = files(folder, |name| name.starts_with("journal_"));
    let text =
        paths.first().map(|it| std::fs::read_to_string(it).expect("a readable file")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Returns the files of the experiment that match; none if it has no folder yet.
pub(crate) fn files(folder: &Path, is_match: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.join("e")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
    paths.retain(|it| it.file_name().and_then(|it| it.to_str()).is_some_and(&is_match));
    paths.sort();
    paths
}
