//! A short benchmark of a provider, with all of its output recorded to search it for secrets.

use std::process::{Command, Output};

use serde_json::Value;

use crate::command;
use crate::experiment::Experiment;

/// The number of requests.
const REQUESTS: u64 = 20;

/// A `genai-bench benchmark` of 20 requests, 4 at a time, without environment variables that hold credentials.
#[derive(Debug)]
pub(crate) struct ProviderRun {
    command: Command,
    base: tempfile::TempDir,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct ProviderResult {
    experiment: Experiment,
    printed: String,
}

impl ProviderRun {
    /// Creates a run of a backend at `url`.
    pub(crate) fn new(backend: &str, url: &str) -> Self {
        let base = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = command::genai_bench();
        command.args(["benchmark", "--api-backend", backend, "--api-base", url, "--api-model-name", "m"]);
        command.args(["--max-requests-per-run", &REQUESTS.to_string(), "--num-concurrency", "4"]);
        command.arg("--experiment-base-dir").arg(base.path());
        command.args(["--experiment-folder-name", Experiment::NAME]);
        let of_providers = ["AWS_", "AZURE_", "OCI_", "GCP_", "GOOGLE_", "GEMINI_"];
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.ends_with("_API_KEY")
                || text.ends_with("_BASE_URL")
                || of_providers.iter().any(|it| text.starts_with(it))
            {
                command.env_remove(&name);
            }
        }
        Self { command, base }
    }

    /// Adds command line options.
    pub(crate) fn with_options(mut self, options: &[&str]) -> Self {
        self.command.args(options);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the task and the scenario.
    pub(crate) fn task(mut self, task: &str, scenario: &str) -> Self {
        self.command.args(["--task", task, "--traffic-scenario", scenario]);
        self
    }

    /// Runs the command, and panics with its output if it fails.
    pub(crate) fn run(self) -> ProviderResult {
        self.run_to(0)
    }

    /// Runs the command, and asserts the exit code for a run without answers.
    pub(crate) fn run_unanswered(self) -> ProviderResult {
        self.run_to(1)
    }

    fn run_to(mut self, exit_code: i32) -> ProviderResult {
        let Output { status, stdout, stderr } = self.command.output().expect("genai-bench can be run");
        let printed = [stdout, stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        assert_eq!(status.code(), Some(exit_code), "{:?}\n{printed}", self.command);
        ProviderResult { experiment: Experiment::in_folder(self.base), printed }
    }
}

impl ProviderResult {
    /// Returns an aggregated value of the only run.
    pub(crate) fn value(&self, key: &str) -> &Value {
        self.experiment.runs[0].value(key)
    }

    /// Asserts that every request was answered.
    pub(crate) fn answered_all(&self) {
        let counts = ["num_completed_requests", "num_error_requests"].map(|it| self.value(it).as_u64());
        assert_eq!(counts, [Some(REQUESTS), Some(0)], "{}\n{}", self.value("failures"), self.printed);
    }

    /// Asserts that none of `secrets` is in the printed output or the files.
    pub(crate) fn shows_none_of(&self, secrets: &[&str]) {
        self.experiment.shows_none_of(&self.printed, secrets);
    }
}
