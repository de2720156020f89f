//! The recording that is replayed.

use std::time::Duration;

use genai_bench_core::experiment::RecordingMetadata;
use genai_bench_core::replay::{
    ReadOptions, Recording, ReplayError, Selection, Skipped, TraceFormat, TraceRow,
};
use genai_bench_core::units::Tokens;

use super::{Endpoint, WorkloadOptions};
use crate::console::note;
use crate::failure::Failure;

/// A recording that was read.
pub(super) struct OpenedRecording {
    pub(super) recording: Recording,
}

impl OpenedRecording {
    /// Reads the recording of `--trace`, and prints notes on its format and on rows that are left out.
    pub(super) fn open(options: &WorkloadOptions) -> Result<Option<Self>, Failure> {
        let trace = &options.trace;
        let Some(path) = &trace.trace else { return Ok(None) };
        let unit = trace.trace_time_unit.as_deref().map(str::parse).transpose();
        let read = ReadOptions {
            format: trace.trace_format.as_deref().map(trace_format).transpose()?,
            block: trace.trace_block_size.map(|tokens| Tokens(tokens.get())),
            time_unit: unit.map_err(|error| Failure::option("trace-time-unit", error))?,
        };
        let recording = Recording::read_with(path, &read).map_err(|error| unreadable(&error))?;
        note_left_out(recording.skipped, recording.rows.len());
        for finding in &recording.findings {
            note(finding);
        }
        check_endpoint(&recording, options.endpoint)?;
        Ok(Some(Self { recording }))
    }

    /// Returns the rows to send, with their times.
    pub(super) fn selected(&self, options: &WorkloadOptions) -> Result<Vec<TraceRow>, Failure> {
        let trace = &options.trace;
        let window = trace.trace_window.as_deref().map(window).transpose()?;
        let selection = Selection { speed: trace.trace_speed, window, limit: None };
        self.recording.select(&selection).map_err(|error| Failure::Usage(format!("--trace-{error}")))
    }

    /// Returns the entry of the recording in the metadata of an experiment.
    pub(super) fn metadata(&self) -> RecordingMetadata {
        let Recording { format, rows, skipped, findings, block, .. } = &self.recording;
        RecordingMetadata {
            format: format.to_string(),
            rows: rows.len() as u64,
            rows_left_out: skipped.reasons().map(|(reason, count)| (reason.to_owned(), count)).collect(),
            block_size: rows.iter().any(|row| !row.hash_ids.is_empty()).then_some(block.0),
            notes: findings.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Prints a note on the number of rows that are left out, by reason.
pub(super) fn note_left_out(skipped: Skipped, sent: usize) {
    if skipped.total() > 0 {
        let all = skipped.total() + sent as u64;
        note(format!("left out {} of {all} rows of the recording ({skipped})", skipped.total()));
    }
}

/// Returns the failure for a recording that cannot be read, with the option that solves it.
fn unreadable(error: &ReplayError) -> Failure {
    let hint = match error {
        ReplayError::Blocks { .. } => "\n  (--trace-block-size 512, for example)",
        ReplayError::TimeUnit { .. } => "\n  (--trace-time-unit s, or --trace-time-unit ms)",
        _ => "",
    };
    Failure::option("trace", format!("{error}{hint}"))
}

/// Checks that a recording of sessions is not sent to the completions API, which has no turns.
fn check_endpoint(recording: &Recording, endpoint: Endpoint) -> Result<(), Failure> {
    let is_message = |row: &TraceRow| row.follow_up.is_some_and(|follow_up| !follow_up.is_whole);
    if endpoint == Endpoint::Completions && recording.rows.iter().any(is_message) {
        let problem = "the recording has sessions whose requests are messages: give --endpoint chat";
        return Err(Failure::option("endpoint", problem));
    }
    Ok(())
}

fn trace_format(name: &str) -> Result<TraceFormat, Failure> {
    let known = if name.eq_ignore_ascii_case("azure") { Ok(TraceFormat::AzureLlm) } else { name.parse() };
    known.map_err(|error| Failure::option("trace-format", error))
}

/// Parses a window of a recording, `FROM-TO` in seconds.
fn window(text: &str) -> Result<(Duration, Duration), Failure> {
    let window = text.split_once('-').and_then(|(from, to)| seconds(from).zip(seconds(to)));
    window.ok_or_else(|| {
        Failure::option("trace-window", format!("'{text}' is not a window: give FROM-TO in seconds"))
    })
}

/// Parses a time in seconds.
fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok()
}
