//! The failure of a command, and its exit code.

use std::process::ExitCode;

use genai_bench_backends::entry::SettingsError;
use genai_bench_backends::transport::BuildTransportError;
use genai_bench_core::auth::AuthError;
use genai_bench_core::error::Error;
use genai_bench_core::plan::PlanError;

/// The reason why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An option that is wrong or missing.
    #[error("{0}")]
    Usage(String),
    /// An error of the library.
    #[error(transparent)]
    Core(Box<Error>),
    /// An error of the operating system.
    #[error("{0}")]
    System(String),
}

impl Failure {
    /// Creates the failure for an option with a problem.
    pub(crate) fn option(name: &str, problem: impl std::fmt::Display) -> Self {
        Self::Usage(format!("--{name}: {problem}"))
    }

    /// Returns 2 for mistakes that are found before a run, 1 for all other failures.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Core(error) => match **error {
                Error::Plan(_) | Error::Sample { .. } | Error::NoExperiment { .. } => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            },
            Self::System(_) => ExitCode::FAILURE,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Plan(error) => error.into(),
            other => Self::Core(Box::new(other)),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::option(&option_of(error.field), error.problem)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::option(&option_of(error.setting), error.problem)
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Usage(format!("{error}\n  (`genai-bench auth check` lists the sources of credentials)"))
    }
}

impl From<BuildTransportError> for Failure {
    fn from(error: BuildTransportError) -> Self {
        Self::System(error.to_string())
    }
}

/// Returns the name of the option that sets a field. Only the field's name contains the unit.
fn option_of(field: &str) -> String {
    match field {
        "chat_api" => "endpoint".to_owned(),
        "continuous_usage" => "continuous-usage-stats".to_owned(),
        _ => field.strip_suffix("_s").unwrap_or(field).replace('_', "-"),
    }
}
