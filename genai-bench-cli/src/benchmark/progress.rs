//! How it goes: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::plan::Run;
use genai_bench_core::runner::RunReport;
use indicatif::{ProgressBar, ProgressStyle};

use super::truth::Truth;

/// How often plain lines are written.
const PLAIN_PERIOD: Duration = Duration::from_secs(10);

/// What shows how `runs` runs go.
pub(crate) fn observer(runs: usize, truth: Option<Truth>) -> Box<dyn Observer> {
    let colour = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    if colour && std::io::stderr().is_terminal() {
        Box::new(Bar { runs, bar: None, truth })
    } else {
        Box::new(Plain { runs, told: Duration::ZERO, truth })
    }
}

/// Which run it is, for people.
fn title(run: &Run, runs: usize) -> String {
    format!("run {}/{runs}  {} at {}", run.number + 1, run.scenario_text, run.level)
}

fn live(progress: &Progress) -> String {
    let ttft = progress
        .ttft_p50
        .map_or_else(String::new, |it| format!("  TTFT p50 {:.1} ms", it.as_secs_f64() * 1e3));
    format!(
        "{} done, {} failed  {:.1} req/s{ttft}",
        progress.completed, progress.failed, progress.requests_per_s
    )
}

/// A bar that is drawn anew.
struct Bar {
    runs: usize,
    bar: Option<ProgressBar>,
    truth: Option<Truth>,
}

impl Observer for Bar {
    fn run_began(&mut self, run: &Run) {
        let style = ProgressStyle::with_template("{prefix}  [{bar:16.cyan/dim}] {wide_msg}");
        let bar = ProgressBar::new(1_000).with_prefix(title(run, self.runs));
        self.bar = Some(
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")),
        );
    }

    fn progress(&mut self, progress: &Progress) {
        let finished = progress.completed + progress.failed;
        let requests = progress.request_limit.map(|limit| finished as f64 / limit as f64);
        let time = progress.time_limit.map(|limit| progress.elapsed.as_secs_f64() / limit.as_secs_f64());
        let share = requests.into_iter().chain(time).fold(0.0, f64::max).min(1.0);
        if let Some(bar) = &self.bar {
            bar.set_position((share * 1_000.0) as u64);
            bar.set_message(live(progress));
        }
    }

    fn run_ended(&mut self, report: &RunReport) {
        if let Some(bar) = self.bar.take() {
            bar.set_position(1_000);
            bar.abandon();
        }
        self.truth.iter().for_each(|it| it.compare(report));
    }
}

/// A line now and then.
struct Plain {
    runs: usize,
    told: Duration,
    truth: Option<Truth>,
}

impl Observer for Plain {
    fn run_began(&mut self, run: &Run) {
        self.told = Duration::ZERO;
        eprintln!("{}", title(run, self.runs));
    }

    fn progress(&mut self, progress: &Progress) {
        if progress.elapsed >= self.told + PLAIN_PERIOD {
            self.told = progress.elapsed;
            eprintln!("  {:.0?}  {}", progress.elapsed, live(progress));
        }
    }

    fn run_ended(&mut self, report: &RunReport) {
        let (completed, failed) = (report.metrics.completed, report.metrics.failed);
        eprintln!("  ended after {:.1?}: {completed} done, {failed} failed", report.elapsed);
        self.truth.iter().for_each(|it| it.compare(report));
    }
}
