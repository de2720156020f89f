//! The built command, run as a user runs it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::experiment::Experiment;
use crate::installed::{installed, profile};

/// The command, built in the profile of this test. Cargo knows whether there is anything to do.
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

/// The command, without arguments yet.
pub(crate) fn genai_bench() -> Command {
    Command::new(&*GENAI_BENCH)
}

/// A `genai-bench benchmark` that writes to a folder of its own.
#[derive(Debug)]
pub(crate) struct Benchmark {
    base: TempDir,
    command: Command,
    model: &'static str,
    secrets: Vec<String>,
}

impl Benchmark {
    /// Of the OpenAI-compatible server at `url`, with prompts cut by the tokenizer of its model.
    pub(crate) fn of(url: &str) -> Self {
        Self::with_backend("openai", url)
    }

    /// Of a server at `url` that another backend speaks to.
    pub(crate) fn with_backend(backend: &str, url: &str) -> Self {
        Self::bare(backend, url).with("--api-key", "x")
    }

    /// The same by whoever the environment says, in which nothing is but what is [set](Self::set).
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

    /// Of another model.
    pub(crate) fn of_model(mut self, model: &'static str) -> Self {
        self.model = model;
        self
    }

    /// Which must not be seen in what it prints and writes.
    pub(crate) fn hiding(mut self, secrets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.secrets.extend(secrets.into_iter().map(Into::into));
        self
    }

    /// With one more option.
    pub(crate) fn with(mut self, option: &str, value: &str) -> Self {
        self.command.args([option, value]);
        self
    }

    /// With a variable of the environment.
    pub(crate) fn set(mut self, variable: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(variable, value);
        self
    }

    /// With one more option that takes no value.
    pub(crate) fn with_flag(mut self, flag: &str) -> Self {
        self.command.arg(flag);
        self
    }

    /// Runs it to its end, which has to be a good one.
    pub(crate) fn run(self) -> Experiment {
        self.run_to(0)
    }

    /// Runs it to its end; no request is answered, which its exit code has to show.
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
