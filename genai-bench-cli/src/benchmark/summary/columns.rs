//! The columns of the table: those that the task has figures for. A new one is added here.

use genai_bench_core::metrics::{Distribution, Metric, RunMetrics};
use genai_bench_core::plan::{Iteration, Level, Load};
use genai_bench_core::report::RunReport;

use super::{ABSENT, figure};

/// One column of figures.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// What stands above its title, and above that of the column before it where there is nothing.
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

/// Requests that the end of the run cut off: shown where there are any.
const CANCELLED: Column = column("", "canc", 4, |it| it.cancelled.to_string());
/// The mean length of prompts.
const INPUT: Column = column("input", "tok", 5, |it| mean(it, Metric::InputTokens));
/// The mean number of prompt tokens from the server's cache: shown where a server reports them.
const CACHED: Column = column("cached", "tok", 6, |it| mean(it, Metric::CachedTokens));

/// Of answers that are made of tokens.
const TEXT: &[Column] = &[
    column("", "p50", 6, |it| millis(it, Metric::Ttft, |it| it.p50)),
    column("TTFT ms", "p99", 6, |it| millis(it, Metric::Ttft, |it| it.p99)),
    column("", "p50", 5, |it| millis(it, Metric::Tpot, |it| it.p50)),
    column("TPOT ms", "p99", 5, |it| millis(it, Metric::Tpot, |it| it.p99)),
    column("E2E ms", "p50", 6, |it| millis(it, Metric::E2eLatency, |it| it.p50)),
    column("output", "tok/s", 6, |it| rate(it.output_tokens_per_s)),
    column("", "req/s", 5, |it| rate(it.requests_per_s)),
];

/// Of embeddings, ranked documents and pictures.
const ITEMS: &[Column] = &[
    column("", "p50", 8, |it| millis(it, Metric::E2eLatency, |it| it.p50)),
    column("E2E ms", "p90", 8, |it| millis(it, Metric::E2eLatency, |it| it.p90)),
    column("", "p99", 8, |it| millis(it, Metric::E2eLatency, |it| it.p99)),
    column("input", "tok/s", 8, |it| rate(it.input_tokens_per_s)),
    column("", "items/s", 8, |it| rate(it.items_per_s)),
    column("", "req/s", 7, |it| rate(it.requests_per_s)),
];

/// Of speech.
const SPEECH: &[Column] = &[
    column("", "p50", 8, |it| millis(it, Metric::Ttft, |it| it.p50)),
    column("TTFB ms", "p99", 8, |it| millis(it, Metric::Ttft, |it| it.p99)),
    column("", "p50", 8, |it| millis(it, Metric::E2eLatency, |it| it.p50)),
    column("E2E ms", "p99", 8, |it| millis(it, Metric::E2eLatency, |it| it.p99)),
    column("sound", "kB/s", 8, |it| rate(it.audio_bytes_per_s.map(|it| it / 1e3))),
    column("", "req/s", 7, |it| rate(it.requests_per_s)),
];

/// Returns the columns for what these runs measured.
pub(super) fn for_runs(runs: &[RunReport]) -> Vec<Column> {
    let has = |metric| runs.iter().any(|run| run.metrics.distribution(metric).is_some());
    let figures = if has(Metric::AudioBytes) {
        SPEECH
    } else if has(Metric::Items) {
        ITEMS
    } else {
        TEXT
    };
    let has_cancelled = runs.iter().any(|run| run.metrics.cancelled > 0);
    let counts = [
        has_cancelled.then_some(CANCELLED),
        has(Metric::InputTokens).then_some(INPUT),
        has(Metric::CachedTokens).then_some(CACHED),
    ];
    counts.into_iter().flatten().chain(figures.iter().copied()).collect()
}

/// What stands above the titles: each text ends where its column does.
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

/// What the level of a run is called.
pub(super) fn level_title(runs: &[RunReport]) -> &'static str {
    match runs.first().map(|it| it.run.level.iteration) {
        Some(Iteration::BatchSize) => "batch",
        _ => "conc",
    }
}

/// Returns the number of a level. That of a replay, whose load is its recording, is none.
pub(super) fn level(level: &Level) -> String {
    match level.load {
        Load::Replay { .. } => ABSENT.to_owned(),
        _ => level.value().to_string(),
    }
}

fn millis(metrics: &RunMetrics, metric: Metric, of: fn(&Distribution) -> f64) -> String {
    metrics.distribution(metric).map_or(ABSENT.to_owned(), |it| figure(of(it) * 1e3))
}

fn mean(metrics: &RunMetrics, metric: Metric) -> String {
    metrics.distribution(metric).map_or(ABSENT.to_owned(), |it| rounded(it.mean))
}

/// A mean of whole numbers: its fraction says something only where it is small.
fn rounded(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn rate(value: Option<f64>) -> String {
    value.map_or(ABSENT.to_owned(), figure)
}
