//! The progress display: a bar on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use genai_bench_core::failure::FailureKind;
use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::plan::Run;
use genai_bench_core::report::RunReport;
use indicatif::{ProgressBar, ProgressStyle};

use self::text::WIDTH;
use super::simulator_check::SimulatorCheck;

mod text;

/// The time between two plain lines.
const PLAIN_PERIOD: Duration = Duration::from_secs(10);
/// The width of the bar itself, in columns.
const BAR: usize = 10;
/// The width of the bar with its brackets and the space after it, in columns.
const BAR_AND_FRAME: usize = BAR + 3;
/// The indentation of the text of a plain line, in columns.
const PLAIN_INDENT: usize = 8;

/// Creates the progress display for `runs` runs.
pub(crate) fn observer(runs: usize, truth: Option<SimulatorCheck>) -> Box<dyn Observer> {
    let colour = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    if colour && std::io::stderr().is_terminal() {
        Box::new(Bar { runs, bar: None, truth })
    } else {
        Box::new(Plain { runs, last_line: Duration::ZERO, failures: BTreeMap::new(), truth })
    }
}

/// A display that is redrawn in place: the title, the bar with the state of the run, and the failures.
struct Bar {
    runs: usize,
    bar: Option<ProgressBar>,
    truth: Option<SimulatorCheck>,
}

impl Bar {
    /// Sets the state next to the bar and the failures below it.
    fn show(bar: &ProgressBar, state: String, failures: &BTreeMap<FailureKind, u64>) {
        let failures = text::failures(failures, WIDTH).map(|line| format!("\n{line}"));
        bar.set_message(state + &failures.unwrap_or_default());
    }
}

impl Observer for Bar {
    fn run_began(&mut self, run: &Run) {
        let template = format!("{{prefix}}\n[{{bar:{BAR}.cyan/dim}}] {{msg}}");
        let style = ProgressStyle::with_template(&template);
        let bar = ProgressBar::new(1_000).with_prefix(text::title(run, self.runs, WIDTH));
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar = Some(bar.with_style(style.progress_chars("━╸─")));
    }

    fn progress(&mut self, progress: &Progress) {
        let finished = progress.completed + progress.failed;
        let requests = progress.request_limit.map(|limit| finished as f64 / limit as f64);
        let time = progress.time_limit.map(|limit| progress.elapsed.as_secs_f64() / limit.as_secs_f64());
        let share = requests.into_iter().chain(time).fold(0.0, f64::max).min(1.0);
        if let Some(bar) = &self.bar {
            bar.set_position((share * 1_000.0) as u64);
            Self::show(bar, text::state(progress, WIDTH - BAR_AND_FRAME), &progress.failures);
        }
    }

    fn run_ended(&mut self, report: &RunReport) {
        if let Some(bar) = self.bar.take() {
            let metrics = &report.metrics;
            let counts = text::counts(metrics.completed, metrics.failed, metrics.cancelled);
            bar.set_position(1_000);
            Self::show(&bar, format!("{counts} in {:.1?}", report.elapsed), &metrics.failures);
            bar.abandon();
        }
        self.truth.iter().for_each(|truth| truth.compare(report));
    }
}

/// A display of one line per period.
struct Plain {
    runs: usize,
    /// The time of the last line, from the start of the run.
    last_line: Duration,
    /// The failures in the last line about them.
    failures: BTreeMap<FailureKind, u64>,
    truth: Option<SimulatorCheck>,
}

impl Plain {
    /// Writes the failures by kind if there are new ones.
    fn report_failures(&mut self, failures: &BTreeMap<FailureKind, u64>) {
        if *failures == self.failures {
            return;
        }
        self.failures.clone_from(failures);
        if let Some(line) = text::failures(failures, WIDTH - PLAIN_INDENT) {
            eprintln!("{:PLAIN_INDENT$}{line}", "");
        }
    }
}

impl Observer for Plain {
    fn run_began(&mut self, run: &Run) {
        self.last_line = Duration::ZERO;
        self.failures.clear();
        eprintln!("{}", text::title(run, self.runs, WIDTH));
    }

    fn progress(&mut self, progress: &Progress) {
        if progress.elapsed >= self.last_line + PLAIN_PERIOD {
            self.last_line = progress.elapsed;
            let elapsed = format!("{} s", progress.elapsed.as_secs());
            let state = text::state(progress, WIDTH - PLAIN_INDENT);
            eprintln!("{elapsed:>6}  {state}");
            self.report_failures(&progress.failures);
        }
    }

    fn run_ended(&mut self, report: &RunReport) {
        let metrics = &report.metrics;
        let counts = text::counts(metrics.completed, metrics.failed, metrics.cancelled);
        eprintln!("  ended after {:.1?}: {counts}", report.elapsed);
        self.report_failures(&metrics.failures);
        self.truth.iter().for_each(|truth| truth.compare(report));
    }
}
