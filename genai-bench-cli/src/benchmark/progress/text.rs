//! The texts of the progress display, in lines of at most 80 columns.

use std::collections::BTreeMap;
use std::time::Duration;

use genai_bench_core::failure::FailureKind;
use genai_bench_core::observe::Progress;
use genai_bench_core::plan::Run;

/// The width of a narrow terminal, in columns.
pub(super) const WIDTH: usize = 80;
/// The time without data from the server after which the display shows it.
const LONG_SILENCE: Duration = Duration::from_secs(10);

/// Formats the number, the scenario and the load of a run, in at most `width` columns.
pub(super) fn title(run: &Run, runs: usize, width: usize) -> String {
    let full = format!("run {}/{runs}  {} at {}", run.number + 1, run.scenario_text, run.level);
    if full.chars().count() <= width {
        return full;
    }
    let mut short: String = full.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Formats the state of a run, the most important figures first. Figures that do not fit into `width` columns are left out.
pub(super) fn state(progress: &Progress, width: usize) -> String {
    let mut figures = vec![format!("{} done", progress.completed)];
    if let Some(silence) = silence(progress) {
        figures.push(silence);
        return fitting(figures, width);
    }
    figures.push(format!("{} in flight", progress.in_flight));
    figures.extend(progress.output_tokens_per_s.map(|rate| format!("{} tok/s", rounded(rate))));
    figures.push(format!("{} req/s", rounded(progress.requests_per_s)));
    figures.extend(progress.ttft_p50.map(|ttft| format!("TTFT {} ms", rounded(ttft.as_secs_f64() * 1e3))));
    fitting(figures, width)
}

/// Formats the number of failures and that of each kind, the most frequent first, in at most `width` columns. Returns
/// `None` without failures.
pub(super) fn failures(failures: &BTreeMap<FailureKind, u64>, width: usize) -> Option<String> {
    let mut kinds: Vec<(&FailureKind, &u64)> = failures.iter().filter(|(_, count)| **count > 0).collect();
    if kinds.is_empty() {
        return None;
    }
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let counts = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let label = format!("{} failed: ", failures.values().sum::<u64>());
    let left = width.saturating_sub(label.len());
    Some(label + &fitting(counts, left))
}

/// Formats the numbers of requests at the end of a run.
pub(super) fn counts(completed: u64, failed: u64, cancelled: u64) -> String {
    let cancelled = if cancelled > 0 { format!(", {cancelled} cancelled") } else { String::new() };
    format!("{completed} done, {failed} failed{cancelled}")
}

/// Formats the time without data from the server; `None` if it is short or nothing is in flight.
fn silence(progress: &Progress) -> Option<String> {
    let is_long = progress.silent_for >= LONG_SILENCE && progress.in_flight > 0;
    let seconds = progress.silent_for.as_secs();
    is_long.then(|| format!("no data for {seconds} s, {} in flight", progress.in_flight))
}

/// Joins the first figures that fit into `width` columns.
fn fitting(figures: Vec<String>, width: usize) -> String {
    let mut line = String::new();
    for figure in figures {
        let between = if line.is_empty() { "" } else { ", " };
        if line.chars().count() + between.len() + figure.chars().count() > width {
            break;
        }
        line.push_str(between);
        line.push_str(&figure);
    }
    line
}

/// Formats a figure, with one decimal if it is small.
fn rounded(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        let mut progress = Progress::default();
        (progress.completed, progress.in_flight) = (1_234, 64);
        (progress.requests_per_s, progress.output_tokens_per_s) = (72.54, Some(3_960.4));
        progress.ttft_p50 = Some(Duration::from_micros(221_300));
        progress
    }

    #[test]
    fn the_state_shows_requests_in_flight_and_rates() {
        let line = state(&progress(), 68);
        assert_eq!(line, "1234 done, 64 in flight, 3960 tok/s, 72.5 req/s, TTFT 221 ms");
        let mut before = Progress::default();
        before.in_flight = 8;
        assert_eq!(state(&before, 68), "0 done, 8 in flight, 0.0 req/s");
    }

    #[test]
    fn figures_that_do_not_fit_are_left_out() {
        let mut progress = progress();
        (progress.completed, progress.in_flight) = (1_234_567, 4_096);
        assert_eq!(state(&progress, 56), "1234567 done, 4096 in flight, 3960 tok/s, 72.5 req/s");
        assert!(state(&progress, 68).chars().count() <= 68);
    }

    #[test]
    fn a_long_silence_is_reported() {
        let mut progress = progress();
        (progress.in_flight, progress.silent_for) = (8, Duration::from_millis(10_900));
        assert_eq!(state(&progress, 68), "1234 done, no data for 10 s, 8 in flight");
        progress.silent_for = Duration::from_millis(9_900);
        assert!(!state(&progress, 68).contains("no data"));
    }

    #[test]
    fn failures_are_counted_by_kind_the_most_frequent_first() {
        let kinds = [(FailureKind::Connect, 2), (FailureKind::RateLimited, 10), (FailureKind::Timeout, 0)];
        let line = failures(&kinds.into(), WIDTH).expect("there are some");
        assert_eq!(line, "12 failed: 10 rate_limited, 2 connect");
        assert_eq!(failures(&BTreeMap::new(), WIDTH), None);
    }

    #[test]
    fn cancelled_requests_are_named_where_there_are_any() {
        assert_eq!(counts(56, 0, 8), "56 done, 0 failed, 8 cancelled");
        assert_eq!(counts(56, 1, 0), "56 done, 1 failed");
    }

    #[test]
    fn a_long_title_is_cut() {
        let plan = genai_bench_core::plan::Plan::builder().scenario(format!("trace:{}", "x".repeat(90)));
        let plan = plan.concurrency([8]).requests(1).build().expect("a plan");
        let title = title(&plan.runs()[0], 1, WIDTH);
        assert_eq!(title.chars().count(), WIDTH);
        assert!(title.starts_with("run 1/1  trace:xxx") && title.ends_with('…'), "{title}");
    }
}
