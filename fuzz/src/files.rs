//! Files of rows: datasets and recordings.

use std::path::Path;

use genai_bench_core::dataset::Rows;
use genai_bench_core::replay::{Recording, Selection, TraceFormat};

use crate::experiments::with_file;

/// The names that datasets have, for each kind of file.
pub(crate) const DATASETS: [&str; 9] =
    ["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl", "a.parquet", "a.csv.gz", "a.jsonl.zst", "a.json.gz"];
/// The most rows that are read of an input.
const ROWS: usize = 5_000;

/// Reads a dataset. The first byte says of which kind.
pub(crate) fn dataset(data: &[u8]) {
    let Some((kind, body)) = data.split_first() else { return };
    let name = DATASETS[usize::from(*kind) % DATASETS.len()];
    with_file(name, body, |path: &Path| {
        let Ok(rows) = Rows::open(path, None) else { return };
        for row in rows.take(ROWS) {
            match row {
                Ok(row) => drop(format!("{row:?}")),
                Err(error) => drop(error.to_string()),
            }
        }
    });
}

/// The formats of recordings; `None` finds it out.
const FORMATS: [Option<TraceFormat>; 7] = [
    None,
    Some(TraceFormat::Mooncake),
    Some(TraceFormat::MooncakeAgentic),
    Some(TraceFormat::Bailian),
    Some(TraceFormat::Plain),
    Some(TraceFormat::AzureLlm),
    Some(TraceFormat::BurstGpt),
];

/// Reads a recording. The first byte says in which format.
pub(crate) fn recording(data: &[u8]) {
    let Some((format, body)) = data.split_first() else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    with_file("a.recording", body, |path: &Path| match Recording::read(path, format) {
        Ok(recording) => {
            let _ = (recording.span(), recording.select(&Selection::default()).map(|rows| rows.len()));
        }
        Err(error) => drop(error.to_string()),
    });
}
