//! The result file of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use crate::metrics::{
    Bundling, Connections, Distribution, GapStats, Metric, RequestMetrics, RunEnding, RunMetrics,
    TokenSource, TurnStats, UnfinishedOutput, Unit, Verdict, Window,
};
use crate::plan::Level;

/// The unit of times in a result file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeUnit {
    /// Seconds.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
}

impl TimeUnit {
    /// Returns the number of units in a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Milliseconds => 1_000.0,
        }
    }

    fn factor(self, metric: Metric) -> f64 {
        if metric.unit() == Unit::Time { self.per_second() } else { 1.0 }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
        })
    }
}

impl FromStr for TimeUnit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Milliseconds),
            _ => Err("expected s or ms"),
        }
    }
}

/// The content of a result file: the keys of the Python tool, then additional ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// The metrics of the whole run.
    pub aggregated_metrics: AggregatedMetrics,
    /// The metrics of each request, in the order in which they ended.
    pub individual_request_metrics: Vec<RequestRow>,
    /// The unit of times.
    #[serde(rename = "_time_unit", default)]
    pub time_unit: TimeUnit,
}

/// The metrics of a whole run. Throughputs and rates are over `window`; an absent key has no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AggregatedMetrics {
    /// The scenario, as it was given.
    pub scenario: String,
    /// The number of concurrent requests.
    pub num_concurrency: u32,
    /// The number of items in a request.
    pub batch_size: u32,
    /// The one of the two that was varied.
    pub iteration_type: String,
    /// The length of the window, in seconds.
    pub run_duration: f64,
    /// Output tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_output_throughput_tokens_per_s: Option<f64>,
    /// Prompt tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_input_throughput_tokens_per_s: Option<f64>,
    /// Output and prompt tokens per second together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_total_tokens_throughput_tokens_per_s: Option<f64>,
    /// Answers per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<f64>,
    /// The number of failures by error code, which is mostly the HTTP status.
    pub error_codes_frequency: BTreeMap<i32, u64>,
    /// The share of requests that failed, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_rate: Option<f64>,
    /// The number of requests that failed.
    pub num_error_requests: u64,
    /// The number of requests that were answered.
    pub num_completed_requests: u64,
    /// The number of failed and answered requests.
    pub num_requests: u64,
    /// The statistics of each metric, by its name.
    pub stats: BTreeMap<String, StatField>,
    /// The keys that the Python tool does not have.
    #[serde(default, flatten)]
    pub beyond: Option<Beyond>,
}

/// The aggregated metrics that the Python tool does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beyond {
    /// The number of requests that the end of the run cancelled.
    pub num_cancelled_requests: u64,
    /// The number of requests that were retried.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub num_retried_requests: u64,
    /// The number of retries of all requests.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub num_retries: u64,
    /// The end of the run: at a limit, or before it; absent in files of older versions.
    #[serde(default, skip_serializing_if = "RunEnding::is_regular")]
    pub ending: RunEnding,
    /// `true` for a run that was interrupted before its limits.
    #[serde(default)]
    pub interrupted: bool,
    /// The number of answers in the distributions: those to requests that were sent and ended in the window.
    #[serde(default)]
    pub num_requests_in_window: u64,
    /// The number of failures by kind.
    pub failures: BTreeMap<crate::failure::FailureKind, u64>,
    /// The number of answers by finish reason.
    #[serde(default)]
    pub finish_reasons: BTreeMap<String, u64>,
    /// The output of requests that failed or were cancelled before their end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished_output: Option<UnfinishedOutput>,
    /// The part of the run that throughputs are computed over.
    pub window: Window,
    /// The verdict on the validity of the numbers.
    pub verdict: Verdict,
    /// The gaps between arrivals of output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub itl: Option<GapStats>,
    /// The statistics of output that arrived together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundling: Option<Bundling>,
    /// The connections that carried requests.
    pub connections: Connections,
    /// Embeddings, ranked documents or images per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items_per_second: Option<f64>,
    /// Bytes of audio per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_bytes_per_second: Option<f64>,
    /// The statistics of each turn of a session; times are always in seconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<TurnStats>,
    /// The number of requests by the source of their prompt token count.
    pub input_token_sources: BTreeMap<TokenSource, u64>,
    /// The number of requests by the source of their output token count.
    pub output_token_sources: BTreeMap<TokenSource, u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// The statistics of a metric. All keys are `null` for a metric that no request has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of `Distribution`")]
#[serde(default)]
pub struct StatField {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub stddev: Option<f64>,
    pub sum: Option<f64>,
    pub p25: Option<f64>,
    pub p50: Option<f64>,
    pub p75: Option<f64>,
    pub p90: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
}

impl From<Distribution> for StatField {
    fn from(it: Distribution) -> Self {
        Self {
            min: Some(it.min),
            max: Some(it.max),
            mean: Some(it.mean),
            stddev: Some(it.stddev),
            sum: Some(it.sum),
            p25: Some(it.p25),
            p50: Some(it.p50),
            p75: Some(it.p75),
            p90: Some(it.p90),
            p95: Some(it.p95),
            p99: Some(it.p99),
        }
    }
}

/// The metrics of one request by name, with `error_code` and `error_message`, which are `null` for an answer.
///
/// A metric without a value is absent, never `null`.
pub type RequestRow = Map<String, Value>;

/// The metric that is `null` in the Python tool's files if there is no audio.
const AUDIO: &str = Metric::AudioThroughput.name();

impl RunFile {
    /// Creates the result of a run of `scenario` at `level`, with times in `unit`.
    #[must_use]
    pub fn new(scenario: &str, level: &Level, metrics: &RunMetrics, unit: TimeUnit) -> Self {
        Self {
            aggregated_metrics: AggregatedMetrics::new(scenario, level, metrics, unit),
            individual_request_metrics: metrics.requests.iter().map(|request| row(request, unit)).collect(),
            time_unit: unit,
        }
    }
}

/// A serializer of the result of a run: the same keys as [`RunFile`], with one row at a time in memory.
pub(super) struct RunFileWriter<'a> {
    aggregated_metrics: AggregatedMetrics,
    metrics: &'a RunMetrics,
    time_unit: TimeUnit,
}

impl<'a> RunFileWriter<'a> {
    /// Creates the result of a run of `scenario` at `level`, with times in `unit`.
    pub(super) fn new(scenario: &str, level: &Level, metrics: &'a RunMetrics, unit: TimeUnit) -> Self {
        let aggregated_metrics = AggregatedMetrics::new(scenario, level, metrics, unit);
        Self { aggregated_metrics, metrics, time_unit: unit }
    }
}

impl Serialize for RunFileWriter<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut file = to.serialize_struct("RunFile", 3)?;
        file.serialize_field("aggregated_metrics", &self.aggregated_metrics)?;
        file.serialize_field("individual_request_metrics", &Rows(self))?;
        file.serialize_field("_time_unit", &self.time_unit)?;
        file.end()
    }
}

/// The requests of a result, which are converted to rows one by one.
struct Rows<'a>(&'a RunFileWriter<'a>);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let RunFileWriter { metrics, time_unit, .. } = self.0;
        to.collect_seq(metrics.requests.iter().map(|request| row(request, *time_unit)))
    }
}

impl AggregatedMetrics {
    fn new(scenario: &str, level: &Level, metrics: &RunMetrics, unit: TimeUnit) -> Self {
        let stats = Metric::ALL.iter().map(|&metric| {
            let scaled = metrics.distribution(metric).map(|spread| spread.scaled(unit.factor(metric)));
            (metric.name().to_owned(), scaled.map(StatField::from).unwrap_or_default())
        });
        Self {
            scenario: scenario.to_owned(),
            num_concurrency: level.load.slots().get(),
            batch_size: level.batch_size.get(),
            iteration_type: level.iteration.name().to_owned(),
            run_duration: metrics.window.duration().as_secs_f64(),
            mean_output_throughput_tokens_per_s: metrics.output_tokens_per_s,
            mean_input_throughput_tokens_per_s: metrics.input_tokens_per_s,
            mean_total_tokens_throughput_tokens_per_s: metrics.total_tokens_per_s,
            requests_per_second: metrics.requests_per_s,
            error_codes_frequency: metrics.error_codes.clone(),
            error_rate: metrics.error_rate(),
            num_error_requests: metrics.failed,
            num_completed_requests: metrics.completed,
            num_requests: metrics.finished(),
            stats: stats.collect(),
            beyond: Some(Beyond {
                num_cancelled_requests: metrics.cancelled,
                num_retried_requests: metrics.retried,
                num_retries: metrics.retries,
                ending: metrics.ending,
                interrupted: metrics.ending == RunEnding::Interrupted,
                num_requests_in_window: metrics.answered_in_window,
                failures: metrics.failures.clone(),
                finish_reasons: metrics.finish_reasons.clone(),
                unfinished_output: metrics.unfinished.clone(),
                window: metrics.window,
                verdict: metrics.verdict.clone(),
                itl: metrics.itl.clone(),
                bundling: metrics.bundling,
                connections: metrics.connections,
                items_per_second: metrics.items_per_s,
                audio_bytes_per_second: metrics.audio_bytes_per_s,
                turns: metrics.turns.clone(),
                input_token_sources: metrics.input_sources.clone(),
                output_token_sources: metrics.output_sources.clone(),
            }),
        }
    }
}

/// Returns the row of a request, with times in `unit`.
fn row(request: &RequestMetrics, unit: TimeUnit) -> RequestRow {
    let mut row = RequestRow::new();
    if request.succeeded() {
        for &metric in Metric::ALL {
            let value = metric.value(request).and_then(|it| number(metric, it * unit.factor(metric)));
            row.extend(value.map(|it| (metric.name().to_owned(), Value::Number(it))));
        }
    }
    let failure = request.failure();
    row.entry(AUDIO).or_insert(Value::Null);
    row.insert("error_code".to_owned(), failure.map_or(Value::Null, |failure| failure.code().into()));
    row.insert(
        "error_message".to_owned(),
        failure.map_or(Value::Null, |failure| failure.message.clone().into()),
    );
    row.extend(failure.map(|failure| ("failure".to_owned(), failure.kind.name().into())));
    row.insert("sent_s".to_owned(), request.sent().as_secs_f64().into());
    row.insert("ended_s".to_owned(), request.ended().as_secs_f64().into());
    row
}

/// Returns the JSON number of a value: an integer for counts, a float for all else.
fn number(metric: Metric, value: f64) -> Option<Number> {
    if matches!(metric.unit(), Unit::Tokens | Unit::Items | Unit::Bytes) {
        Some(Number::from(value as u64))
    } else {
        Number::from_f64(value)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::failure::Failure;
    use crate::metrics::{MetricsCollector, RunFacts};
    use crate::record::RequestRecord;

    fn file(unit: TimeUnit) -> RunFile {
        RunFile::new("D(10,4)", &Level::closed(1), &metrics(), unit)
    }

    fn metrics() -> RunMetrics {
        let answer: RequestRecord = serde_json::from_str(
            r#"{"index": 0, "due": 0, "called": 0, "sent": 0, "ended": 2000000000,
                "arrivals": [500000000, 1500000000], "usage": {"input": 10, "output": 4}}"#,
        )
        .unwrap();
        let failed = RequestRecord {
            failure: Some(Failure::in_band("no").with_status(Some(500))),
            ..RequestRecord::default()
        };
        let mut collector = MetricsCollector::default();
        collector.add(answer);
        collector.add(failed);
        collector.finish(&RunFacts { slots: 1, ..RunFacts::default() }).unwrap()
    }

    #[test]
    fn the_streaming_writer_writes_the_same_file() {
        for unit in [TimeUnit::Seconds, TimeUnit::Milliseconds] {
            let metrics = metrics();
            let writer = RunFileWriter::new("D(10,4)", &Level::closed(1), &metrics, unit);
            let written = serde_json::to_string_pretty(&writer).unwrap();
            assert_eq!(written, serde_json::to_string_pretty(&file(unit)).unwrap());
        }
    }

    #[test]
    fn times_are_in_the_chosen_unit_and_throughputs_are_not() {
        let [seconds, millis] = [TimeUnit::Seconds, TimeUnit::Milliseconds].map(file);
        let [a, b] = [&seconds, &millis].map(|it| it.aggregated_metrics.stats["ttft"].mean.unwrap());
        assert_eq!((a, b), (0.5, 500.0));
        let [a, b] = [&seconds, &millis].map(|it| it.individual_request_metrics[0]["tpot"].as_f64().unwrap());
        assert_eq!((a, b), (0.5, 500.0));
        let [a, b] = [&seconds, &millis].map(|it| it.aggregated_metrics.stats["output_throughput"].mean);
        assert_eq!(a, b);
        assert_eq!(seconds.aggregated_metrics.run_duration, Duration::from_secs(2).as_secs_f64());
    }

    #[test]
    fn a_row_has_what_exists_and_whole_tokens() {
        let rows = file(TimeUnit::Seconds).individual_request_metrics;
        assert_eq!(rows[0]["num_output_tokens"], 4);
        assert_eq!(rows[0]["error_code"], Value::Null);
        assert!(!rows[0].contains_key("num_cached_tokens"));
        assert_eq!((&rows[1]["error_code"], rows[1].get("ttft")), (&Value::from(500), None));
    }

    #[test]
    fn a_file_reads_back_as_what_was_written() {
        let written = file(TimeUnit::Milliseconds);
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<RunFile>(&text).unwrap(), written);
    }

    #[test]
    fn a_file_of_the_python_tool_can_be_read() {
        let text = r#"{"aggregated_metrics": {"scenario": "D(100,20)", "num_concurrency": 4, "batch_size": 1,
            "iteration_type": "num_concurrency", "run_duration": 2.0, "mean_output_throughput_tokens_per_s": 459.32,
            "mean_input_throughput_tokens_per_s": 252.62, "mean_total_tokens_throughput_tokens_per_s": 711.95,
            "requests_per_second": 27.95, "error_codes_frequency": {"500": 3}, "error_rate": 0,
            "num_error_requests": 3, "num_completed_requests": 56, "num_requests": 59,
            "stats": {"ttft": {"min": 0.03, "max": 0.04, "mean": 0.035, "stddev": 0.003, "sum": 1.58, "p25": 0.03,
            "p50": 0.03, "p75": 0.03, "p90": 0.04, "p95": 0.04, "p99": 0.04}, "tpot": {"min": null}}},
            "individual_request_metrics": [{"ttft": 0.05, "error_code": null, "error_message": null}], "_time_unit": "s"}"#;
        let file: RunFile = serde_json::from_str(text).unwrap();
        assert_eq!(file.aggregated_metrics.error_codes_frequency[&500], 3);
        assert_eq!(file.aggregated_metrics.beyond, None);
        assert_eq!(file.aggregated_metrics.stats["tpot"].min, None);
    }
}
