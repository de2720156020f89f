//! Downloads from a hub, with a progress bar.

use std::io::IsTerminal;
use std::sync::{Mutex, Once};

use genai_bench_backends::hub::{Hub, HubBuilder, HubError, Progress};
use genai_bench_core::printable;
use indicatif::{ProgressBar, ProgressStyle};

use crate::console::note;
use crate::failure::Failure;

/// The guard that prints the note about the use of the token only once.
static TOKEN_NOTE: Once = Once::new();

/// The permission to fetch files that are not in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum HubAccess {
    /// Fetch with the token of this machine: an option names the files.
    #[default]
    Fetch,
    /// Fetch nothing and send no token: the names come from a file that may be from another machine. The text is advice
    /// that names the option to fetch the files.
    CacheOnly(&'static str),
}

/// Sends requests to the hub of the environment, as changed by `configure`, and waits for the result. An error names
/// `option`.
pub(super) fn query<T>(
    option: &str,
    access: HubAccess,
    configure: impl FnOnce(HubBuilder) -> HubBuilder,
    request: impl AsyncFnOnce(&Hub, &dyn Progress) -> Result<T, HubError>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::System(format!("cannot start the event loop: {error}")))?;
    let configured = HubBuilder::from_env().map(configure).map(|hub| match access {
        HubAccess::Fetch => hub,
        HubAccess::CacheOnly(_) => hub.offline(true),
    });
    let hub = configured.and_then(HubBuilder::build).map_err(|error| failed(option, access, &error))?;
    if let Some(text) = hub.token_note().filter(|_| access == HubAccess::Fetch) {
        TOKEN_NOTE.call_once(|| note(text));
    }
    runtime.block_on(request(&hub, &Bar::default())).map_err(|error| failed(option, access, &error))
}

/// Returns the failure of a request to the hub.
fn failed(option: &str, access: HubAccess, error: &HubError) -> Failure {
    match access {
        HubAccess::Fetch => Failure::option(option, error),
        HubAccess::CacheOnly(advice) => Failure::option(
            option,
            format!("{error}\n  nothing is fetched for a file that may come from another machine: {advice}"),
        ),
    }
}

/// A progress bar for the current file on a terminal; one line per file elsewhere.
#[derive(Default)]
struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn change(&self, with: impl FnOnce(&mut Option<ProgressBar>)) {
        with(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Progress for Bar {
    fn began(&self, file: &str, bytes: Option<u64>) {
        if !std::io::stderr().is_terminal() {
            eprintln!("fetching {}", printable(file));
            return;
        }
        let template = "{msg}  [{bar:24.cyan/dim}] {bytes}/{total_bytes}  {bytes_per_sec}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
        self.change(|shown| *shown = Some(bar.with_style(style).with_message(printable(file).into_owned())));
    }

    fn advanced(&self, bytes: u64) {
        self.change(|shown| shown.iter().for_each(|bar| bar.inc(bytes)));
    }

    fn ended(&self) {
        self.change(|shown| shown.take().iter().for_each(ProgressBar::abandon));
    }

    fn fell_back(&self, file: &str, reason: &HubError) {
        let what = if file.is_empty() { "the list of files" } else { file };
        note(format!("{what} comes from the cache: {reason}"));
    }
}
