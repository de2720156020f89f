//! The table at the end: at most 100 columns.

use std::path::Path;

use genai_bench_core::metrics::{Distribution, Metric, RunMetrics, VerdictLevel};
use genai_bench_core::runner::{Experiment, RunReport};

use super::truth::Truth;

/// What stands where a figure does not exist.
const ABSENT: &str = "-";

/// Prints what came of the experiment to the standard output.
pub(crate) fn print(experiment: &Experiment, truth: Option<&Truth>, folder: &Path) {
    print!("{}", table(&experiment.runs));
    for report in &experiment.runs {
        let reservations = report.metrics.verdict.reservations();
        if !reservations.is_empty() {
            println!("\n{} at {}:", report.run.scenario_text, report.run.level);
        }
        for check in reservations {
            println!("  {}: {}", check.name, check.finding);
        }
    }
    if let Some(truth) = truth {
        println!("\nReported against the simulator's truth, where furthest off:");
        for gap in truth.worst() {
            let share = 100.0 * gap.excess_ms() / gap.true_ms;
            let (reported, real) = (gap.reported_ms, gap.true_ms);
            println!(
                "  {:<8}  {reported:>9.3} ms, truly {real:>9.3} ms: {:+.3} ms ({share:+.1} %)",
                gap.figure,
                gap.excess_ms()
            );
        }
    }
    if experiment.interrupted {
        println!("\nStopped before its end.");
    }
    println!("\nResults: {}", folder.display());
}

fn table(runs: &[RunReport]) -> String {
    let mut lines = vec![
        format!(
            "\n{:<20} {:>4} {:>6} {:>4} {:>15} {:>13} {:>7} {:>7}",
            "", "", "", "", "TTFT ms", "TPOT ms", "E2E ms", "output"
        ),
        format!(
            "{:<20} {:>4} {:>6} {:>4} {:>7} {:>7} {:>6} {:>6} {:>7} {:>7} {:>6}  {}",
            "scenario",
            "conc",
            "done",
            "fail",
            "p50",
            "p99",
            "p50",
            "p99",
            "p50",
            "tok/s",
            "req/s",
            "verdict"
        ),
    ];
    lines.extend(runs.iter().map(line));
    lines.iter().map(|it| format!("{}\n", it.trim_end())).collect()
}

fn line(report: &RunReport) -> String {
    let metrics = &report.metrics;
    let (ttft_p50, ttft_p99) = millis(metrics, Metric::Ttft, |it| (it.p50, it.p99));
    let (tpot_p50, tpot_p99) = millis(metrics, Metric::Tpot, |it| (it.p50, it.p99));
    let (e2e, _) = millis(metrics, Metric::E2eLatency, |it| (it.p50, it.p99));
    format!(
        "{:<20} {:>4} {:>6} {:>4} {ttft_p50:>7} {ttft_p99:>7} {tpot_p50:>6} {tpot_p99:>6} {e2e:>7} {:>7} {:>6}  {}",
        shortened(&report.run.scenario_text, 20),
        report.run.level.value(),
        metrics.completed,
        metrics.failed,
        metrics.output_tokens_per_s.map_or(ABSENT.to_owned(), figure),
        metrics.requests_per_s.map_or(ABSENT.to_owned(), figure),
        verdict(metrics.verdict.level),
    )
}

fn millis(metrics: &RunMetrics, metric: Metric, of: fn(&Distribution) -> (f64, f64)) -> (String, String) {
    let absent = || (ABSENT.to_owned(), ABSENT.to_owned());
    let shown = |(a, b): (f64, f64)| (figure(a * 1e3), figure(b * 1e3));
    metrics.distribution(metric).map_or_else(absent, |it| shown(of(it)))
}

/// Three or four digits that mean something.
fn figure(value: f64) -> String {
    match value {
        it if it >= 1_000.0 => format!("{it:.0}"),
        it if it >= 100.0 => format!("{it:.1}"),
        it => format!("{it:.2}"),
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        text.chars().take(width - 1).chain(['…']).collect()
    }
}

fn verdict(level: VerdictLevel) -> &'static str {
    match level {
        VerdictLevel::Valid => "valid",
        VerdictLevel::Degraded => "degraded",
        VerdictLevel::Invalid => "INVALID",
    }
}
