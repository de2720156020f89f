//! Rows that are left out, and ambiguous times and hashes.

use super::super::{Finding, ReadOptions, Recording, TraceTimeUnit};
use super::{read, refused, rows};
use crate::units::Tokens;

/// Returns rows of Mooncake's fields: time, input, output, number of hashes.
fn mooncake(rows: &[(&str, u64, u64, u64)]) -> String {
    rows.iter().map(|(time, input, output, hashes)| mooncake_line(time, *input, *output, *hashes)).collect()
}

fn mooncake_line(time: &str, input: u64, output: u64, hashes: u64) -> String {
    let hash_ids: Vec<u64> = (0..hashes).collect();
    format!(
        "{{\"timestamp\": {time}, \"input_length\": {input}, \"output_length\": {output}, \"hash_ids\": {hash_ids:?}}}\n"
    )
}

fn read_with(text: &str, options: ReadOptions) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace");
    std::fs::write(&path, text).unwrap();
    Recording::read_with(&path, &options).unwrap()
}

#[test]
fn rows_without_tokens_are_left_out_and_counted() {
    let dates = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.609930+00:00,36,9\n\
                 2024-05-10 00:00:00.009930+00:00,90,7\n2024-05-10 00:00:00.309930+00:00,50,0\n";
    let burst = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\r\n\
                 10.6,aa,2,ChatGPT,36,9,45,API log\r\n10.0,bb,4,GPT-4,90,7,97,API log\r\n\
                 10.3,,0,GPT-4,50,0,50,API log\r\n10.4,,0,GPT-4,0,5,0,API log\r\n";
    let mooncake = mooncake(&[("600", 36, 9, 0), ("0", 90, 7, 1), ("300", 50, 0, 1), ("900", 0, 4, 0)]);
    let plain = "{\"arrival_s\": 0.6, \"input\": 36, \"output\": 9}\n{\"arrival_s\": 0, \"input\": 90, \"output\": 7}\n\
                 {\"arrival_s\": 0.3, \"input\": 50, \"output\": 0}\n";
    let bailian = "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 0.6, \"input_length\": 36, \"output_length\": 9}\n\
                   {\"chat_id\": 2, \"parent_chat_id\": -1, \"timestamp\": 0.0, \"input_length\": 90, \"output_length\": 7}\n\
                   {\"chat_id\": 3, \"parent_chat_id\": -1, \"timestamp\": 0.3, \"input_length\": 50, \"output_length\": 0}\n";
    let agentic = "{\"session_id\": \"a\", \"timestamp\": 0, \"input_length\": 90, \"output_length\": 7}\n\
                   {\"session_id\": \"b\", \"timestamp\": 300, \"input_length\": 50, \"output_length\": 0}\n\
                   {\"session_id\": \"b\", \"delay\": 300, \"input_length\": 36, \"output_length\": 9}\n";
    for (text, left_out) in [
        (dates, "1: 0 output tokens"),
        (burst, "1: failed when recorded, 0 response tokens; 1: 0 input tokens"),
        (mooncake.as_str(), "1: 0 input tokens; 1: 0 output tokens"),
        (plain, "1: 0 output tokens"),
        (bailian, "1: 0 output tokens"),
        (agentic, "1: 0 output tokens"),
    ] {
        let recording = read(text);
        let kept: Vec<_> = rows(&recording).iter().map(|row| (row.0, row.1, row.2)).collect();
        assert_eq!(kept, [(0, 90, 7), (600, 36, 9)], "{text}");
        assert_eq!(recording.skipped.to_string(), left_out, "{text}");
        assert!(recording.rows.iter().all(|row| row.follow_up.is_none()), "{text}");
    }
}

#[test]
fn malformed_numbers_of_tokens_are_errors_with_their_line() {
    for (tokens, named) in
        [("-5", "is -5"), ("1.5", "is 1.5"), ("null", "no 'output_length'"), ("\"7\"", "is \"7\"")]
    {
        let good = mooncake(&[("0", 36, 9, 0)]);
        let wrong = format!("{{\"timestamp\": 1, \"input_length\": 5, \"output_length\": {tokens}}}\n");
        let error = refused(&format!("{good}{wrong}"));
        assert!(error.contains("trace line 2: ") && error.contains("'output_length'"), "{error}");
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn seconds_in_a_format_of_milliseconds_are_detected() {
    let seconds =
        mooncake(&[("0.0", 521, 5, 2), ("0.3", 521, 5, 2), ("61.114", 521, 5, 2), ("0.6", 521, 5, 2)]);
    let undecided = refused(&seconds);
    assert!(undecided.contains("line 2: 'timestamp' is 0.3"), "{undecided}");
    let unit = Some(TraceTimeUnit::Seconds);
    let recording = read_with(&seconds, ReadOptions { time_unit: unit, ..ReadOptions::default() });
    assert_eq!(recording.span().as_millis(), 61_114);
    let dense = read(&mooncake(&[("0.0", 521, 5, 2), ("0.3", 521, 5, 2), ("0.6", 521, 5, 2)]));
    assert_eq!(dense.span().as_millis(), 600);
    assert_eq!(dense.findings, [Finding::ReadAsSeconds { first_line: 2, per_second: 3_333 }]);
    let whole = refused(&mooncake(&[("0", 5, 5, 0), ("0", 5, 5, 0), ("1", 5, 5, 0), ("1", 5, 5, 0)]));
    assert!(
        whole.contains("line 1: read as milliseconds") && whole.contains("3000 requests a second"),
        "{whole}"
    );
    let slow = read(
        "{\"arrival_s\": 0, \"input\": 1, \"output\": 1}\n{\"arrival_s\": 600, \"input\": 1, \"output\": 1}\n",
    );
    assert_eq!(slow.findings, [Finding::SlowArrivals { unit: TraceTimeUnit::Seconds, gap_s: 600 }]);
}

#[test]
fn unusual_block_sizes_are_detected() {
    let smaller = read(&mooncake(&[("0", 521, 5, 33), ("900", 676, 5, 43)]));
    assert_eq!(smaller.block, Tokens(16));
    assert_eq!(smaller.findings, [Finding::BlockSize { found: Tokens(16), usual: Tokens(512) }]);
    let odd = mooncake(&[("0", 521, 5, 2), ("900", 90, 5, 7)]);
    let error = refused(&odd);
    assert!(
        error.contains("line 2: 7 hash_ids for 90 tokens") && error.contains("no block size fits all"),
        "{error}"
    );
    let given = read_with(&odd, ReadOptions { block: Some(Tokens(512)), ..ReadOptions::default() });
    assert_eq!(given.findings, [Finding::HashCounts { rows: 1, first_line: 2, block: Tokens(512) }]);
}

#[test]
fn unused_fields_are_named() {
    let text = mooncake(&[("0", 36, 9, 0)]).replace("\"hash_ids\"", "\"priority\": 3, \"hash_ids\"");
    let findings: Vec<String> = read(&text).findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings, ["fields of the recording that are not used: priority"]);
}

#[test]
fn a_git_lfs_pointer_is_recognized() {
    let error = refused("version https://git-lfs.github.com/spec/v1\noid sha256:3d74\nsize 132054902\n");
    assert!(error.contains("Git LFS pointer") && error.contains("git lfs pull"), "{error}");
}
