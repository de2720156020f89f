//! Formats whose requests belong to conversations.

use std::time::Duration;

use super::super::{Finding, FollowUp, Selection, TraceFormat};
use super::{read, refused, rows};
use crate::units::Tokens;

const BAILIAN: &str = r#"{"chat_id": 159, "parent_chat_id": 55, "timestamp": 61.114, "input_length": 33, "output_length": 132, "type": "text", "turn": 2, "hash_ids": [1089, 1090, 13148]}
{"chat_id": 160, "parent_chat_id": -1, "timestamp": 61.2, "input_length": 16, "output_length": 5, "type": "image", "turn": 1, "hash_ids": [7]}
{"chat_id": 161, "parent_chat_id": 159, "timestamp": 62.114, "input_length": 40, "output_length": 9, "type": "text", "turn": 3, "hash_ids": [1089, 1090, 13149]}
"#;

#[test]
fn bailian_is_read_with_its_blocks_and_conversations() {
    let recording = read(BAILIAN);
    assert_eq!((recording.format, recording.block), (TraceFormat::Bailian, Tokens(16)));
    assert_eq!(rows(&recording), [(0, 33, 132, Some(0)), (86, 16, 5, Some(1)), (1_000, 40, 9, Some(0))]);
    assert_eq!(recording.rows[2].hash_ids, [1_089, 1_090, 13_149]);
    assert!(recording.rows.iter().all(|row| row.follow_up.is_none()), "each at its recorded time");
    let findings: Vec<String> = recording.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings, ["requests of other types than text are sent as text of their length: 1 image"]);
}

/// Returns the lines of an agent's trace.
fn agentic(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{{{line}, \"output_length\": 5}}\n")).collect()
}

#[test]
fn requests_of_agents_follow_the_answers_of_their_session() {
    let text = agentic(&[
        r#""session_id": "a", "timestamp": 1000, "input_length": 300"#,
        r#""session_id": "b", "timestamp": 1000, "input_length": 513, "hash_ids": [1, 2]"#,
        r#""session_id": "a", "delay": 2000, "input_length": 150"#,
        r#""session_id": "b", "delay": 500.5, "input_length": 1100, "hash_ids": [1, 3, 4]"#,
        r#""timestamp": 1500, "input_length": 9"#,
    ]);
    let recording = read(&text);
    assert_eq!(recording.format, TraceFormat::MooncakeAgentic);
    assert_eq!(
        rows(&recording),
        [
            (0, 300, 5, Some(0)),
            (0, 150, 5, Some(0)),
            (0, 513, 5, Some(1)),
            (0, 1_100, 5, Some(1)),
            (500, 9, 5, None)
        ]
    );
    let follow_ups: Vec<_> = recording.rows.iter().map(|row| row.follow_up).collect();
    let expected =
        [None, after(Duration::from_secs(2), false), None, after(Duration::from_micros(500_500), true), None];
    assert_eq!(follow_ups, expected);
    assert_eq!(recording.findings, [Finding::Turns { whole: 1, messages: 1 }]);
    let faster = recording.select(&Selection { speed: 2.0, ..Selection::default() }).unwrap();
    assert_eq!(faster[1].follow_up, after(Duration::from_secs(1), false));
}

fn after(delay: Duration, is_whole: bool) -> Option<FollowUp> {
    Some(FollowUp { delay, is_whole })
}

#[test]
fn the_context_mode_decides_and_whole_prompts_keep_their_times() {
    let mode = r#""context_mode": "message_array_with_responses""#;
    let text = agentic(&[
        &format!(r#""session_id": "a", {mode}, "timestamp": 0, "input_length": 300"#),
        &format!(r#""session_id": "a", {mode}, "timestamp": 900, "input_length": 400"#),
        &format!(r#""session_id": "a", {mode}, "delay": 100, "input_length": 500"#),
    ]);
    let recording = read(&text);
    assert_eq!(rows(&recording), [(0, 300, 5, Some(0)), (900, 400, 5, Some(0)), (900, 500, 5, Some(0))]);
    assert_eq!(recording.findings, [Finding::Turns { whole: 1, messages: 0 }]);
}

#[test]
fn rows_of_agents_that_cannot_be_replayed_are_errors() {
    let first = r#""session_id": "a", "timestamp": 0, "input_length": 600, "hash_ids": [1, 2]"#;
    let cases: [(&[&str], &str); 8] = [
        (&[r#""session_id": "a", "input_length": 5"#], "line 1: no 'timestamp'"),
        (&[first, r#""session_id": "a", "timestamp": 9, "input_length": 5"#], "line 2: no 'delay'"),
        (&[first, r#""session_id": "a", "delay": -1, "input_length": 5"#], "line 2: 'delay' is -1"),
        (
            &[first, r#""session_id": "b", "timestamp": 5, "messages": [], "input_length": 5"#],
            "line 2: 'messages'",
        ),
        (&[r#""timestamp": 5, "text_input": "x""#], "line 1: 'text_input' cannot be replayed"),
        (&[r#""timestamp": 5, "context_mode": "odd", "input_length": 5"#], "line 1: 'context_mode' is 'odd'"),
        (
            &[
                first,
                r#""session_id": "a", "delay": 1, "input_length": 700, "hash_ids": [1, 3]"#,
                r#""session_id": "a", "delay": 1, "input_length": 700, "hash_ids": [8, 9]"#,
            ],
            "line 3: some rows of this session",
        ),
        (
            &[r#""timestamp": 0, "input_length": 5"#, first],
            "line 2: 'session_id' is a field of the format mooncake-agentic",
        ),
    ];
    for (lines, expected) in cases {
        let error = refused(&agentic(lines));
        assert!(error.contains(expected), "{error}\n{expected}");
    }
}
