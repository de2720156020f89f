//! The columns of the table: those for which the task has figures. A new column is added here.

use genai_bench_core::metrics::{Distribution, Metric, RunMetrics};
use genai_bench_core::plan::{Iteration, Level, Load};
use genai_bench_core::report::RunReport;

use super::{ABSENT, figure};

/// One column of figures.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// The heading above the title. It also covers the columns before it that have an empty heading.
    pub(super) over: &'static str,
    pub(super) title: &'static str,
    pub(super) width: usize,
    pub(super) value: fn(&RunMetrics) -> String,
}

const fn column(
    over: &'static str,
    title: &'static str,
    width: usize,
    value: fn(&RunMetrics) -> String,
) -> Column {
    Column { over, title, width, value }
}

/// The number of requests that the end of the run cancelled: shown if there are any.
const CANCELLED: Column = column("", "canc", 4, |it| it.cancelled.to_string());
/// The mean length of prompts.
const INPUT: Column = column("input", "tok", 5, |metrics| mean(metrics, Metric::InputTokens));
/// The mean number of prompt tokens from the server's cache: shown if the server reports them.
const CACHED: Column = column("cached", "tok", 6, |metrics| mean(metrics, Metric::CachedTokens));

/// The columns for answers made of tokens.
const TEXT: &[Column] = &[
    column("", "p50", 6, |metrics| millis(metrics, Metric::Ttft, |it| it.p50)),
    column("TTFT ms", "p99", 6, |metrics| millis(metrics, Metric::Ttft, |it| it.p99)),
    column("", "p50", 5, |metrics| millis(metrics, Metric::Tpot, |it| it.p50)),
    column("TPOT ms", "p99", 5, |metrics| millis(metrics, Metric::Tpot, |it| it.p99)),
    column("E2E ms", "p50", 6, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p50)),
    column("output", "tok/s", 6, |metrics| rate(metrics.output_tokens_per_s)),
    column("", "req/s", 5, |metrics| rate(metrics.requests_per_s)),
];

/// The columns for embeddings, ranked documents and images.
const ITEMS: &[Column] = &[
    column("", "p50", 8, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p50)),
    column("E2E ms", "p90", 8, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p90)),
    column("", "p99", 8, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p99)),
    column("input", "tok/s", 8, |metrics| rate(metrics.input_tokens_per_s)),
    column("", "items/s", 8, |metrics| rate(metrics.items_per_s)),
    column("", "req/s", 7, |metrics| rate(metrics.requests_per_s)),
];

/// The columns for speech.
const SPEECH: &[Column] = &[
    column("", "p50", 8, |metrics| millis(metrics, Metric::Ttft, |it| it.p50)),
    column("TTFB ms", "p99", 8, |metrics| millis(metrics, Metric::Ttft, |it| it.p99)),
    column("", "p50", 8, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p50)),
    column("E2E ms", "p99", 8, |metrics| millis(metrics, Metric::E2eLatency, |it| it.p99)),
    column("sound", "kB/s", 8, |metrics| rate(metrics.audio_bytes_per_s.map(|bytes| bytes / 1e3))),
    column("", "req/s", 7, |metrics| rate(metrics.requests_per_s)),
];

/// Returns the columns for the figures of these runs.
pub(super) fn for_runs(runs: &[RunReport]) -> Vec<Column> {
    let figures = if has(runs, Metric::AudioBytes) {
        SPEECH
    } else if has(runs, Metric::Items) {
        ITEMS
    } else {
        TEXT
    };
    let has_cancelled = runs.iter().any(|run| run.metrics.cancelled > 0);
    let counts = [
        has_cancelled.then_some(CANCELLED),
        has(runs, Metric::InputTokens).then_some(INPUT),
        has(runs, Metric::CachedTokens).then_some(CACHED),
    ];
    counts.into_iter().flatten().chain(figures.iter().copied()).collect()
}

/// Returns `true` if a run has figures of a metric.
fn has(runs: &[RunReport], metric: Metric) -> bool {
    runs.iter().any(|run| run.metrics.distribution(metric).is_some())
}

/// Formats the line of headings above the titles. Each heading ends at the end of its column.
pub(super) fn over(columns: &[Column]) -> String {
    let (mut line, mut end) = (String::new(), 0);
    for column in columns {
        end += column.width;
        if !column.over.is_empty() {
            line += &" ".repeat(end.saturating_sub(line.len() + column.over.len()));
            line += column.over;
        }
        end += 1;
    }
    line
}

/// Returns the title of the column for the level of a run.
pub(super) fn level_title(runs: &[RunReport]) -> &'static str {
    match runs.first().map(|it| it.run.level.iteration) {
        Some(Iteration::BatchSize) => "batch",
        _ => "conc",
    }
}

/// Formats the number of a level; absent for a replay, whose load is its recording.
pub(super) fn level(level: &Level) -> String {
    match level.load {
        Load::Replay { .. } => ABSENT.to_owned(),
        _ => level.value().to_string(),
    }
}

fn millis(metrics: &RunMetrics, metric: Metric, seconds: fn(&Distribution) -> f64) -> String {
    metrics.distribution(metric).map_or(ABSENT.to_owned(), |distribution| figure(seconds(distribution) * 1e3))
}

fn mean(metrics: &RunMetrics, metric: Metric) -> String {
    metrics.distribution(metric).map_or(ABSENT.to_owned(), |distribution| rounded(distribution.mean))
}

/// Formats a mean of whole numbers, with one decimal if it is small.
fn rounded(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn rate(value: Option<f64>) -> String {
    value.map_or(ABSENT.to_owned(), figure)
}
