//! The log file of `--log-dir`.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Mutex;

use genai_bench_core::clock;
use jiff::Timestamp;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;

use crate::failure::Failure;

/// The name of the file: the Python tool's.
const FILE: &str = "genai_bench.log";
/// The variable that names the level: the Python tool's.
pub(crate) const LEVEL: &str = "GENAI_BENCH_LOGGING_LEVEL";
/// The source of the events that are written: this program. Events of its libraries may contain credentials, and may come
/// from the thread that stamps bytes.
const TARGET: &str = env!("CARGO_CRATE_NAME");

/// Opens the log file in `folder`, and appends all later events to it.
pub(crate) fn open(folder: &Path) -> Result<(), Failure> {
    let named = std::env::var_os(LEVEL).map(|name| name.to_string_lossy().into_owned());
    let level = level(named.as_deref())?;
    let path = folder.join(FILE);
    fs::create_dir_all(folder).map_err(|error| unwritable(&path, &error))?;
    let mut opening = OpenOptions::new();
    opening.create(true).append(true);
    // Another user of the folder may have put a link there, to a file that only this user may write.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut opening, libc::O_NOFOLLOW);
    let file = opening.open(&path).map_err(|error| match path.is_symlink() {
        true => {
            Failure::option("log-dir", format!("{} is a link, which is not written through", path.display()))
        }
        false => unwritable(&path, &error),
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_target(false)
        .with_timer(WallClock);
    let events = Targets::new().with_target(TARGET, level);
    let subscriber = tracing_subscriber::registry().with(lines).with(events);
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::System(format!("cannot start the log file: {error}")))
}

/// Returns the failure for a log file or folder that cannot be written.
fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::option("log-dir", format!("cannot write {}: {error}", path.display()))
}

/// Parses the name of a level. Returns the level INFO without a name.
fn level(name: Option<&str>) -> Result<LevelFilter, Failure> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(LevelFilter::INFO) };
    match name.to_ascii_uppercase().as_str() {
        "DEBUG" => Ok(LevelFilter::DEBUG),
        "INFO" => Ok(LevelFilter::INFO),
        "WARN" | "WARNING" => Ok(LevelFilter::WARN),
        "ERROR" | "CRITICAL" => Ok(LevelFilter::ERROR),
        _ => Err(Failure::Usage(format!(
            "{LEVEL}: unknown level '{name}': give DEBUG, INFO, WARNING, ERROR or CRITICAL"
        ))),
    }
}

/// A timer for log lines that reads the project's clock, in UTC.
struct WallClock;

impl FormatTime for WallClock {
    fn format_time(&self, to: &mut Writer<'_>) -> fmt::Result {
        let now = Timestamp::try_from(clock::wall()).map_err(|_| fmt::Error)?;
        write!(to, "{now:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_the_python_tools_names() {
        fn named(name: &str) -> Result<LevelFilter, String> {
            level(Some(name)).map_err(|error| error.to_string())
        }

        assert_eq!(level(None).ok(), Some(LevelFilter::INFO));
        assert_eq!(named("debug"), Ok(LevelFilter::DEBUG));
        assert_eq!(named("WARNING"), Ok(LevelFilter::WARN));
        assert_eq!(named("CRITICAL"), Ok(LevelFilter::ERROR));
        let refusal = named("LOUD").unwrap_err();
        assert!(
            refusal.contains(LEVEL) && refusal.contains("'LOUD'") && refusal.contains("WARNING"),
            "{refusal}"
        );
    }
}
