//! The built command, run as a user runs it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::experiment::Experiment;
use crate::installed::{installed, profile};

/// The path of the command, built in the profile of this test.
static GENAI_BENCH: LazyLock<PathBuf> = LazyLock::new(|| {
    let profile = profile();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "genai-bench-cli"]);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo can be run");
    assert!(status.success(), "genai-bench-cli cannot be built");
    profile.join("genai-bench")
});

/// Returns the command without arguments.
pub(crate) fn genai_bench() -> Command {
    Command::new(&*GENAI_BENCH)
}

/// A `genai-bench benchmark` command that writes to a temporary folder.
#[derive(Debug)]
pub(crate) struct Benchmark {
    base: TempDir,
    command: Command,
    model: &'static str,
    secrets: Vec<String>,
}

impl Benchmark {
    /// Creates a benchmark of the OpenAI-compatible server at `url`, with prompts cut by the tokenizer of its model.
    pub(crate) fn new(url: &str) -> Self {
        Self::with_backend("openai", url)
    }

    /// Creates a benchmark of a server at `url` with another backend.
    pub(crate) fn with_backend(backend: &str, url: &str) -> Self {
        Self::bare(backend, url).with("--api-key", "x")
    }

    /// Creates a benchmark with credentials from the environment, which has only the variables of [`set`](Self::set).
    pub(crate) fn without_a_key(backend: &str, url: &str) -> Self {
        let mut benchmark = Self::bare(backend, url);
        benchmark.command.env_clear();
        benchmark
    }

    fn bare(backend: &str, url: &str) -> Self {
        let base = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = genai_bench();
        command.args(["benchmark", "--api-backend", backend, "--api-base", url]);
        command.arg("--model-tokenizer").arg(installed("tokenizer"));
        command.args(["--seed", "7", "--max-time-per-run", "5"]);
        command.arg("--experiment-base-dir").arg(base.path());
        command.args(["--experiment-folder-name", Experiment::NAME]);
        Self { base, command, model: "tiny", secrets: Vec::new() }
    }

    /// Sets the model.
    pub(crate) fn of_model(mut self, model: &'static str) -> Self {
        self.model = model;
        self
    }

    /// Adds secrets that must not be in the printed output or the files.
    pub(crate) fn hiding(mut self, secrets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.secrets.extend(secrets.into_iter().map(Into::into));
        self
    }

    /// Adds an option with a value.
    pub(crate) fn with(mut self, option: &str, value: &str) -> Self {
        self.command.args([option, value]);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn set(mut self, variable: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(variable, value);
        self
    }

    /// Adds an option without a value.
    pub(crate) fn with_flag(mut self, flag: &str) -> Self {
        self.command.arg(flag);
        self
    }

    /// Runs the command, and asserts that it succeeds.
    pub(crate) fn run(self) -> Experiment {
        self.run_to(0)
    }

    /// Runs the command, and asserts the exit code for a run without answers.
    pub(crate) fn run_unanswered(self) -> Experiment {
        self.run_to(1)
    }

    fn run_to(mut self, exit_code: i32) -> Experiment {
        let output =
            self.command.args(["--api-model-name", self.model]).output().expect("genai-bench can be run");
        let printed = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit_code), "{printed}\n{complained}");
        let experiment = Experiment::in_folder(self.base);
        experiment.shows_none_of(&format!("{printed}{complained}"), &self.secrets);
        experiment
    }
}
