//! Options and variables of the Python tool that have no effect.

use std::env;

use clap::Args;

use crate::console::note;
use crate::log_file;

/// The variable that switches the dashboard of the Python tool on or off.
const DASHBOARD: &str = "ENABLE_UI";

/// The options of the Python tool that are accepted without effect, so that its command lines run unchanged.
#[derive(Debug, Args)]
pub(crate) struct PythonToolOptions {
    /// Number of worker processes. There is one process, without workers.
    #[arg(long, allow_negative_numbers = true, value_name = "COUNT")]
    num_workers: Option<i64>,
    /// Port at which the main process waits for its workers. There are no workers.
    #[arg(long, allow_negative_numbers = true, value_name = "PORT")]
    master_port: Option<i64>,
    /// Time between two updates of the dashboard, in seconds. Progress is shown ten times a second on a terminal, and every
    /// 10 s elsewhere.
    #[arg(long, allow_negative_numbers = true, value_name = "SECONDS")]
    metrics_refresh_interval: Option<f64>,
}

impl PythonToolOptions {
    /// Prints a note for each option and variable that is given and has no effect, with its replacement.
    pub(crate) fn note_unused(&self, has_log: bool) {
        if self.num_workers.is_some_and(|count| count > 0) {
            note("--num-workers has no effect: one process does the work of all workers");
        }
        if self.master_port.is_some() {
            note("--master-port has no effect: there are no worker processes that would need it");
        }
        if self.metrics_refresh_interval.is_some() {
            note(
                "--metrics-refresh-interval has no effect: progress is shown ten times a second on a terminal, and \
                 every 10 s elsewhere",
            );
        }
        if env::var(DASHBOARD).is_ok_and(|value| is_true(&value)) {
            note(format!(
                "{DASHBOARD} has no effect: there is no dashboard yet, progress is shown on standard error"
            ));
        }
        if !has_log && env::var_os(log_file::LEVEL).is_some_and(|value| !value.is_empty()) {
            note(format!("{} has no effect without --log-dir: no log is written", log_file::LEVEL));
        }
    }
}

/// Returns `true` if the Python tool reads a value of its variables as true.
fn is_true(value: &str) -> bool {
    ["true", "1", "yes", "on"].iter().any(|word| value.eq_ignore_ascii_case(word))
}
