//! A short benchmark of a provider, of which everything is kept that could hold a secret.

use std::process::{Command, Output};

use serde_json::Value;

use crate::command;
use crate::experiment::Experiment;

/// How many requests are sent.
const REQUESTS: u64 = 20;

/// A `genai-bench benchmark` of 20 requests, 4 at a time, without anything of the environment that holds credentials.
#[derive(Debug)]
pub(crate) struct ProviderRun {
    command: Command,
    base: tempfile::TempDir,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct ProviderResult {
    experiment: Experiment,
    printed: String,
}

impl ProviderRun {
    /// Of a backend, at `url`.
    pub(crate) fn of(backend: &str, url: &str) -> Self {
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

    /// With more options.
    pub(crate) fn said(mut self, options: &[&str]) -> Self {
        self.command.args(options);
        self
    }

    /// With a variable of the environment.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With this to do, in this shape.
    pub(crate) fn task(mut self, task: &str, scenario: &str) -> Self {
        self.command.args(["--task", task, "--traffic-scenario", scenario]);
        self
    }

    /// Runs it, and says what it printed when it does not end well.
    pub(crate) fn run(self) -> ProviderResult {
        self.run_to(0)
    }

    /// Runs it; no request is answered, which its exit code has to show.
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
    /// A value of the only run.
    pub(crate) fn of(&self, key: &str) -> &Value {
        self.experiment.runs[0].of(key)
    }

    /// Asserts that every request was answered.
    pub(crate) fn answered_all(&self) {
        let counts = ["num_completed_requests", "num_error_requests"].map(|it| self.of(it).as_u64());
        assert_eq!(counts, [Some(REQUESTS), Some(0)], "{}\n{}", self.of("failures"), self.printed);
    }

    /// Asserts that nothing that was printed or written holds one of these.
    pub(crate) fn shows_none_of(&self, secrets: &[&str]) {
        self.experiment.shows_none_of(&self.printed, secrets);
    }
}
