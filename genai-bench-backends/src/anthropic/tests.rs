//! Answers of servers that speak the provider's API, as each of them sends them.

use genai_bench_core::request::{OutputLength, Request};

use super::entry;
use crate::entry::Settings;
use crate::tests::shapes::{EVENTS, Reads, Shape, check};

const HI: Reads = Reads {
    reasoning: "",
    answer: "Hi you",
    kinds: "T",
    finish: Some("stop"),
    usage: (Some(9), Some(2)),
    is_whole: false,
    keep_alives: 0,
    failure: None,
};
const CALL: Reads = Reads { answer: "f{\"a\":1}", kinds: "C", finish: Some("tool_calls"), ..HI };

macro_rules! start {
    () => {
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
    };
}
macro_rules! text {
    ($text:literal) => {
        concat!(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
            $text,
            "\"}}\n\n"
        )
    };
}
macro_rules! end {
    ($reason:literal) => {
        concat!(
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"",
            $reason,
            "\"},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
        )
    };
}

fn shape(sent_by: &'static str, body: &'static str, reads: Reads) -> Shape {
    Shape { sent_by, content_type: EVENTS, body: body.as_bytes(), reads }
}

fn check_all(shapes: &[Shape]) {
    let backend = entry::build(&Settings::default()).unwrap().backend;
    check(&*backend, &Request::chat("m", "Hello", OutputLength::Free), shapes);
}

#[test]
fn calls_of_tools_are_read_from_their_name_on() {
    let call = concat!(
        start!(),
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}\n\n",
        end!("tool_use")
    );
    let name_only = concat!(
        start!(),
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"name\":\"now\",\"input\":{}}}\n\n",
        end!("tool_use")
    );
    let whole = r#"{"type":"message","content":[{"type":"tool_use","name":"f","input":{"a":1}}],"stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":2}}"#;
    check_all(&[
        shape("Anthropic", call, CALL),
        shape("Anthropic, of a tool without input", name_only, Reads { answer: "now", ..CALL }),
        shape("gateways: a document as a stream", whole, Reads { is_whole: true, ..CALL }),
    ]);
}

#[test]
fn odd_events_and_odd_json_fail_no_answer() {
    let odd = concat!(
        "\u{feff}event: ping\ndata: {\"type\": \"ping\"\n\ndata:\n\n",
        start!(),
        "event: gateway.notice\ndata: not JSON\n\n",
        text!("Hi"),
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"type\":\"content_block_delta\",\"x\":NaN,\"delta\":{\"type\":\"text_delta\",\"text\":7,\"text\":\" you\",\"\\ud83d\":\"\\ud83d\"}}\n\n",
        end!("end_turn"),
        "data: [DONE]\n\n"
    );
    let without_types = "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":9}}}\n\n\
        event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi you\"}}\n\n\
        event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n\
        event: message_stop\ndata: {}\n\n";
    let in_one_event = "data: {\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Hi you\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":9,\"output_tokens\":2}}\n\n";
    let half = concat!(start!(), text!("Hi \\ud83d"), text!("\\ude00"), end!("end_turn"));
    let repeated = concat!(
        start!(),
        text!("Hi you"),
        "data: {\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Hi you\"}],\"stop_reason\":\"end_turn\"}\n\n",
        end!("end_turn")
    );
    let error = "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    check_all(&[
        shape("gateways", odd, Reads { keep_alives: 2, ..HI }),
        shape("gateways that leave the types to the names", without_types, HI),
        shape("gateways: all in one event", in_one_event, Reads { is_whole: true, ..HI }),
        shape("an emoji cut in two", half, Reads { answer: "Hi \u{fffd}\u{fffd}", ..HI }),
        shape("gateways that repeat all at the end", repeated, HI),
        shape(
            "gateways: an error without a type",
            error,
            Reads {
                answer: "",
                kinds: "",
                finish: None,
                usage: (None, None),
                failure: Some("Overloaded"),
                ..HI
            },
        ),
    ]);
}

#[test]
fn the_first_byte_tells_a_stream_from_a_document() {
    let stream = concat!(start!(), text!("Hi you"), end!("end_turn"));
    let shapes = [Some("application/json"), Some("text/plain"), None].map(|content_type| Shape {
        sent_by: "gateways that call a stream anything",
        content_type,
        body: stream.as_bytes(),
        reads: HI,
    });
    check_all(&shapes);
}
