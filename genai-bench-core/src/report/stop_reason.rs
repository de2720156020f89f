//! The reason for the end of an experiment before its last run.

use std::fmt;

use serde::Serialize;

use crate::failure::Failure;

/// The reason why an experiment ended before its last run, although nobody interrupted it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StopReason {
    /// The condition that ended it.
    pub cause: StopCause,
    /// The number of runs that were not started.
    pub runs_not_started: usize,
    /// The last failure of the last run.
    pub last_failure: Option<Failure>,
}

/// The condition that ended an experiment before its last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopCause {
    /// The last requests of a run show that the server is gone, or refuses everything.
    ServerGone,
    /// More requests of a run failed than the plan allows.
    TooManyErrors,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            StopCause::ServerGone => "the server is gone or refuses every request",
            StopCause::TooManyErrors => "too many requests failed",
        })?;
        match self.runs_not_started {
            1 => f.write_str(": 1 run was not started")?,
            count => write!(f, ": {count} runs were not started")?,
        }
        self.last_failure.as_ref().map_or(Ok(()), |failure| write!(f, " (last failure: {failure})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_the_runs_that_were_not_started_and_the_failure() {
        let mut reason = StopReason {
            cause: StopCause::ServerGone,
            runs_not_started: 2,
            last_failure: Some(Failure::in_band("no")),
        };
        let text = "the server is gone or refuses every request: 2 runs were not started";
        assert_eq!(reason.to_string(), format!("{text} (last failure: in_band: no)"));
        (reason.cause, reason.runs_not_started, reason.last_failure) = (StopCause::TooManyErrors, 1, None);
        assert_eq!(reason.to_string(), "too many requests failed: 1 run was not started");
    }
}
