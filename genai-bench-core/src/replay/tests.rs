//! Recordings of each format, and malformed files.

use std::path::Path;
use std::time::Duration;

use super::*;

// The files of these tests are hand-written, following the published descriptions of the formats.

const MOONCAKE: &str = r#"{"timestamp": 27482, "input_length": 1455, "output_length": 52, "hash_ids": [46, 47, 2353]}
{"timestamp": 30535, "input_length": 1372, "output_length": 26, "hash_ids": [46, 47, 2366]}
{"timestamp": 0, "input_length": 100, "output_length": 7, "hash_ids": []}
"#;
const AZURELLM: &str = "TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
2023-11-16 18:15:46.5000000,0,9
";
const BURSTGPT: &str =
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type
5,c-9,2.5,ChatGPT,472,18,490,Conversation log
45.5,,1.0,GPT-4,1087,230,1317,API log
46,c-3,0,GPT-4,417,0,417,Conversation log
47,,0,GPT-4,0,0,0,Conversation log
118,c-9,3.0,ChatGPT,417,276,693,Conversation log
";
const PLAIN: &str = r#"{"arrival_s": 1.5, "input": 10, "output": 2}

{"arrival_s": 1.25, "input": 20, "output": 5, "hash_ids": [1], "session": 3}
"#;

fn read_as(text: &str, format: Option<TraceFormat>) -> Result<Recording, ReplayError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace");
    std::fs::write(&path, text).unwrap();
    Recording::read(&path, format)
}

fn read(text: &str) -> Recording {
    read_as(text, None).unwrap()
}

fn refused(text: &str) -> String {
    read_as(text, None).unwrap_err().to_string()
}

/// Returns each row as milliseconds, input, output, session.
fn rows(recording: &Recording) -> Vec<(u128, u64, u64, Option<u64>)> {
    recording
        .rows
        .iter()
        .map(|row| (row.arrival.as_millis(), row.input.0, row.output.0, row.session))
        .collect()
}

#[test]
fn mooncake_is_read_with_the_hashes_of_its_blocks() {
    let recording = read(MOONCAKE);
    assert_eq!(rows(&recording), [(0, 100, 7, None), (27_482, 1_455, 52, None), (30_535, 1_372, 26, None)]);
    assert_eq!(recording.rows[1].hash_ids, [46, 47, 2_353]);
    assert_eq!(
        (recording.format, recording.block, recording.skipped.total()),
        (TraceFormat::Mooncake, Tokens(512), 0)
    );
}

#[test]
fn dates_are_read_and_rows_without_input_are_counted() {
    let recording = read(AZURELLM);
    assert_eq!(rows(&recording), [(0, 374, 44, None), (4_314, 396, 109, None)]);
    assert_eq!(recording.rows[1].arrival, Duration::from_nanos(4_314_579_000));
    assert_eq!(recording.skipped, Skipped { no_input: 1, ..Skipped::default() });
}

#[test]
fn failed_requests_are_left_out_and_sessions_are_numbered() {
    let recording = read(BURSTGPT);
    let expected = [(0, 472, 18, Some(0)), (40_500, 1_087, 230, None), (113_000, 417, 276, Some(0))];
    assert_eq!(rows(&recording), expected);
    assert_eq!(recording.skipped, Skipped { failed: 2, ..Skipped::default() });
    let without =
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,GPT-4,4.0,1,5,API log\n";
    assert_eq!(rows(&read(without)), [(0, 4, 1, None)]);
}

#[test]
fn the_plain_format_is_read() {
    let recording = read(PLAIN);
    assert_eq!(rows(&recording), [(0, 20, 5, Some(3)), (250, 10, 2, None)]);
    assert_eq!(recording.rows[0].hash_ids, [1]);
}

#[test]
fn rows_of_the_same_time_stay_in_the_order_of_the_file() {
    let lines = (1..100)
        .map(|input| format!("{{\"arrival_s\": {}, \"input\": {input}, \"output\": 1}}\n", input % 3));
    let read = read(&lines.collect::<String>());
    assert!(read.rows.is_sorted_by_key(|row| (row.arrival, row.input)));
    assert_eq!((read.rows.len(), read.span()), (99, Duration::from_secs(2)));
}

#[test]
fn the_fingerprint_is_that_of_the_whole_file() {
    use sha2::{Digest, Sha256};
    for text in [MOONCAKE, AZURELLM, BURSTGPT, PLAIN] {
        let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(read(text).fingerprint, hash);
    }
}

#[test]
fn byte_order_marks_blank_lines_and_crlf_are_accepted() {
    for text in [MOONCAKE, AZURELLM, BURSTGPT, PLAIN] {
        let other = format!("\u{feff}\r\n{}", text.replace('\n', "\r\n"));
        assert_eq!(read(&other).rows, read(text).rows);
        assert_eq!(read(text.trim_end()).rows, read(text).rows);
    }
}

#[test]
fn a_truncated_line_is_an_error_with_its_number() {
    let error = refused_without_end(MOONCAKE, 20);
    assert!(
        error.contains("trace line 3: the line is cut off: EOF while parsing") && !error.contains("at line"),
        "{error}"
    );
    for (text, cut, expected) in [
        (AZURELLM, 4, "trace line 4: 2 columns, but the header has 3: is it cut off?"),
        (BURSTGPT, 30, "trace line 6: 4 columns, but the header has 8: is it cut off?"),
        (PLAIN, 9, "trace line 3: the line is cut off"),
    ] {
        let error = refused_without_end(text, cut);
        assert!(error.contains(expected), "{error}");
    }
}

fn refused_without_end(text: &str, cut: usize) -> String {
    refused(&text[..text.len() - cut])
}

fn refused_with(text: &str, from: &str, to: &str) -> String {
    refused(&text.replacen(from, to, 1))
}

#[test]
fn a_malformed_or_missing_column_is_named() {
    let cases = [
        (refused_with(MOONCAKE, "output_length", "output"), "line 1: no 'output_length'"),
        (
            refused_with(MOONCAKE, "1372", "\"1372\""),
            "line 2: 'input_length' is \"1372\": it must be a whole number of tokens",
        ),
        (
            refused_with(AZURELLM, "GeneratedTokens", "Generated"),
            "line 1: no column 'GeneratedTokens', which azurellm has; there are: TIMESTAMP, ContextTokens, Generated",
        ),
        (
            refused_with(AZURELLM, "396", "-396"),
            "line 3: 'ContextTokens' is '-396': it must be a whole number of tokens",
        ),
        (
            refused_with(AZURELLM, "2023-11-16 18:15:50", "18:15:50"),
            "line 3: 'TIMESTAMP' is '18:15:50.9951690': it must be a date",
        ),
        (
            refused_with(BURSTGPT, "Response tokens", "Response"),
            "line 1: no column 'Response tokens', which burstgpt has",
        ),
        (refused_with(BURSTGPT, "45.5", "soon"), "line 3: 'Timestamp' is 'soon': it must be a number"),
        (
            refused_with(BURSTGPT, "45.5", "inf"),
            "line 3: 'Timestamp' is 'inf': it must be a number of seconds",
        ),
        (refused_with(PLAIN, "\"session\"", "\"sesion\""), "line 3: unknown field 'sesion'"),
        (refused_with(PLAIN, "1.25", "1e300"), "line 3: the time 1e300 is out of range: give s"),
    ];
    for (error, expected) in cases {
        assert!(error.contains(expected), "{error}\n{expected}");
    }
}

#[test]
fn a_file_without_rows_is_an_error() {
    let header = AZURELLM.lines().next().unwrap();
    for text in ["", "\n\n", header] {
        assert!(refused(text).ends_with("trace has no rows"), "{text}");
    }
    let failed = format!("{}\n5,c,0,GPT-4,9,0,9,API log\n", BURSTGPT.lines().next().unwrap());
    assert!(refused(&failed).contains(
        "nothing to replay: all of its rows are left out (1: failed when recorded, 0 response tokens)"
    ));
}

#[test]
fn an_unknown_format_is_an_error_with_the_expected_ones() {
    let error = refused("\nprompt,answer\n1,2\n");
    assert!(
        error.contains(
            "trace line 2: unknown trace format: the file begins with 'prompt,answer'. It must begin"
        ),
        "{error}"
    );
    let error = read_as(AZURELLM, Some(TraceFormat::Mooncake)).unwrap_err().to_string();
    assert!(error.contains("trace line 1: expected value at column 1"), "{error}");
    let error = Recording::read(Path::new("/nowhere/at/all"), None).unwrap_err().to_string();
    assert!(error.starts_with("cannot read /nowhere/at/all: "), "{error}");
}

mod doubts;
mod sessions;

#[test]
fn a_row_that_is_too_long_is_refused() {
    let long = "x".repeat(17 << 20);
    let error = refused(&format!("{PLAIN}{{\"arrival_s\": \"{long}"));
    assert!(error.contains("line 4") && error.contains("longer than 16777216 bytes"), "{error}");
    let error = refused(&format!("{AZURELLM}\"{long}"));
    assert!(error.contains("a row of more than 16 MiB: is a quote not closed?"), "{error}");
}
