//! Runs the binary and reads what it leaves behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The binary, with nothing of the environment that could change what it does.
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

/// A short benchmark of the simulator: a later value in `extra` wins.
pub(crate) fn simulated(folder: &Path, extra: &[&str]) -> Command {
    let base = folder.to_str().expect("a temporary folder has a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--experiment-folder-name", "e", "--max-requests-per-run", "12"]).args(extra);
    command
}

/// What the command said, when it ended as it should.
pub(crate) fn succeeded(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asserts that the command ended with code 1, because of failures that its results hold, and returns its errors.
pub(crate) fn failed(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    errors
}

/// The result files of the experiment, in the order of their names.
pub(crate) fn results(folder: &Path) -> Vec<Value> {
    files(folder, |name| name.contains("_time_") && name.ends_with(".json"))
        .iter()
        .map(|path| serde_json::from_slice(&std::fs::read(path).expect("a readable file")).expect("JSON"))
        .collect()
}

/// The whole lines of the experiment's only journal; none before there is one.
pub(crate) fn journal(folder: &Path) -> Vec<Value> {
    let paths = files(folder, |name| name.starts_with("journal_"));
    let text =
        paths.first().map(|it| std::fs::read_to_string(it).expect("a readable file")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The files of the experiment that are wanted; none before it has a folder.
pub(crate) fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.join("e")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
    paths.retain(|it| it.file_name().and_then(|it| it.to_str()).is_some_and(&wanted));
    paths.sort();
    paths
}
