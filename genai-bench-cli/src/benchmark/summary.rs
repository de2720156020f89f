//! The summary at the end of an experiment, in lines of at most 100 columns.

use std::path::Path;

use genai_bench_core::metrics::{Distribution, Metric, TurnStats, VerdictLevel};
use genai_bench_core::report::{Experiment, RunReport};

use super::simulator_check::SimulatorCheck;

use crate::console::{self, print_line};

mod columns;

/// The maximum width of a line, in columns.
const LINE_WIDTH: usize = 100;
/// The minimum width of the column of scenarios.
const NARROWEST_SCENARIO: usize = 10;
/// The text for a figure that does not exist.
const ABSENT: &str = "-";

/// Prints the summary of the experiment to standard output.
pub(crate) fn print(experiment: &Experiment, seed: u64, truth: Option<&SimulatorCheck>, folder: &Path) {
    console::print(&table(&experiment.runs));
    experiment.runs.iter().for_each(|report| console::print(&turns(report)));
    for report in &experiment.runs {
        let reservations = report.metrics.verdict.reservations();
        if !reservations.is_empty() {
            print_line!("\n{} at {}:", report.run.scenario_text, report.run.level);
        }
        for check in reservations {
            console::print(&wrapped(&format!("{}: {}", check.name, check.finding)));
        }
    }
    let deviations = truth.map(SimulatorCheck::worst).unwrap_or_default();
    if !deviations.is_empty() {
        print_line!("\nReported and true latencies of the simulator, at their largest difference:");
        for deviation in deviations {
            let share = 100.0 * deviation.excess_ms() / deviation.true_ms;
            let (reported, real) = (deviation.reported_ms, deviation.true_ms);
            print_line!(
                "  {:<8}  {reported:>9.3} ms, true {real:>9.3} ms: {:+.3} ms ({share:+.1} %)",
                deviation.figure,
                deviation.excess_ms()
            );
        }
    }
    if experiment.interrupted {
        print_line!("\nStopped before its end.");
    }
    print_line!("\nSeed: {seed}\nResults: {}", folder.display());
}

fn table(runs: &[RunReport]) -> String {
    let columns = columns::for_runs(runs);
    let over = columns::over(&columns);
    let scenario_width = scenario_width(runs, over.chars().count().max(width_of(&columns)));
    let titles: String =
        columns.iter().map(|column| format!("{:>width$} ", column.title, width = column.width)).collect();
    let level = columns::level_title(runs);
    let mut lines = vec![
        format!("\n{:<scenario_width$} {:>5} {:>6} {:>4} {over}", "", "", "", ""),
        format!("{:<scenario_width$} {level:>5} {:>6} {:>4} {titles} verdict", "scenario", "done", "fail"),
    ];
    for report in runs {
        let metrics = &report.metrics;
        let values: String = columns
            .iter()
            .map(|column| format!("{:>width$} ", (column.value)(metrics), width = column.width))
            .collect();
        let (scenario, level) =
            (shortened(&report.run.scenario_text, scenario_width), columns::level(&report.run.level));
        let (done, failed, verdict) = (metrics.completed, metrics.failed, verdict(metrics.verdict.level));
        lines
            .push(format!("{scenario:<scenario_width$} {level:>5} {done:>6} {failed:>4} {values} {verdict}"));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Returns the width of the columns, each with the space after it.
fn width_of(columns: &[columns::Column]) -> usize {
    columns.iter().map(|column| column.width + 1).sum()
}

/// Returns the width of the column of scenarios: that of the longest, if the line then has at most 100 columns.
fn scenario_width(runs: &[RunReport], figures: usize) -> usize {
    let longest = runs.iter().map(|run| run.run.scenario_text.chars().count()).max().unwrap_or_default();
    let others = " level   done fail ".len() + figures + " degraded".len();
    longest.clamp("scenario".len(), LINE_WIDTH.saturating_sub(others).max(NARROWEST_SCENARIO))
}

/// Breaks a text into lines of at most [`LINE_WIDTH`], those after the first indented.
fn wrapped(text: &str) -> String {
    const INDENT: &str = "      ";
    let (mut lines, mut line) = (String::new(), String::from("  "));
    for word in text.split(' ') {
        if line.trim().is_empty() {
            line += word;
        } else if line.chars().count() + 1 + word.chars().count() <= LINE_WIDTH {
            line += " ";
            line += word;
        } else {
            lines += &line;
            lines.push('\n');
            line = format!("{INDENT}{word}");
        }
    }
    lines + &line + "\n"
}

/// Formats the table of turns of a run; empty if sessions have one turn.
fn turns(report: &RunReport) -> String {
    let turns = &report.metrics.turns;
    if turns.is_empty() {
        return String::new();
    }
    let mut lines = vec![format!("\n{} at {}, turn by turn:", report.run.scenario_text, report.run.level)];
    lines.push(format!(
        "  {:>4} {:>6} {:>9} {:>9} {:>9} {:>12} {:>12}",
        "turn", "done", "TTFT p50", "TTFT p99", "E2E p50", "prompt mean", "cached mean"
    ));
    for turn in turns {
        lines.push(format!(
            "  {:>4} {:>6} {:>9} {:>9} {:>9} {:>12} {:>12}",
            turn.turn + 1,
            turn.answered,
            turn_figure(turn, Metric::Ttft, |times| times.p50 * 1e3),
            turn_figure(turn, Metric::Ttft, |times| times.p99 * 1e3),
            turn_figure(turn, Metric::E2eLatency, |times| times.p50 * 1e3),
            turn_figure(turn, Metric::InputTokens, |it| it.mean),
            turn_figure(turn, Metric::CachedTokens, |it| it.mean),
        ));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Formats a figure of one turn.
fn turn_figure(turn: &TurnStats, metric: Metric, value: fn(&Distribution) -> f64) -> String {
    turn.stats.get(&metric).map_or(ABSENT.to_owned(), |distribution| figure(value(distribution)))
}

/// Formats a figure with three or four significant digits.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_findings_are_broken_into_lines() {
        let text = format!("bundling: {}", "nine char ".repeat(30));
        let wrapped = wrapped(text.trim());
        assert!(
            wrapped.lines().count() > 2 && wrapped.lines().all(|line| line.chars().count() <= LINE_WIDTH)
        );
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>(), words);
    }
}
