//! Responses of Gemini and of gateways in front of it, as servers send them.

use genai_bench_core::request::{OutputLength, Request};

use super::super::entry;
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

macro_rules! parts {
    ($parts:literal) => {
        concat!("data: {\"candidates\":[{\"content\":{\"parts\":", $parts, "}}]}\r\n\r\n")
    };
}
const END: &str = "data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":2}}\r\n\r\n";

fn shape(sent_by: &'static str, body: &str, reads: Reads) -> Shape {
    // A test may leak an allocation that it makes once.
    let body = format!("{body}{END}").leak();
    Shape { sent_by, content_type: EVENTS, body: body.as_bytes(), reads }
}

#[test]
fn answers_are_read_whatever_their_pieces_are() {
    let call = parts!("[{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}}}]");
    let name_only = parts!("[{\"functionCall\":{\"name\":\"now\"}}]");
    let piece_by_piece = concat!(
        parts!("[{\"functionCall\":{\"id\":\"1\",\"name\":\"f\"}}]"),
        parts!("[{\"functionCall\":{\"id\":\"1\",\"name\":\"f\",\"partialArgs\":[{\"jsonPath\":\"$.a\"}]}}]")
    );
    let odd = concat!(
        "data:\n\nevent: ping\ndata: x\n\n",
        parts!("[{\"thought\":true,\"text\":\"a\",\"text\":\"Hm\"}]"),
        parts!("[{\"text\":\"Hi\",\"x\":NaN,\"thought\":\"no\"},{\"text\":\" you\"}]"),
        parts!("[{\"text\":17}]"),
        parts!("7"),
        "data: [DONE]\n\n"
    );
    let half = parts!("[{\"text\":\"\\ud83d\"}]");
    let called = Reads { answer: "f{\"a\":1}", kinds: "C", finish: Some("tool_calls"), ..HI };
    let partial = Reads { answer: "f[{\"jsonPath\":\"$.a\"}]", ..called };
    let array: &'static str = r#"[{"candidates":[{"content":{"parts":[{"text":"Hi you"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2}}]"#;
    let settings = Settings { api_key: Some("AIzaEXAMPLE".into()), ..Settings::default() };
    let backend = entry::build(&settings).unwrap().backend;
    let odd_reads = Reads { reasoning: "Hm", kinds: "RT", keep_alives: 2, ..HI };
    let shapes = [
        shape("Gemini: a call", call, called),
        shape("Gemini: a call without arguments", name_only, Reads { answer: "now", ..called }),
        shape("Gemini: a call piece by piece", piece_by_piece, partial),
        shape("gateways: odd events and odd JSON", odd, odd_reads),
        shape("half an emoji", half, Reads { answer: "\u{fffd}", ..HI }),
        Shape { content_type: Some("application/json"), ..shape("gateways: a stream as JSON", call, called) },
        Shape {
            body: array.as_bytes(),
            ..shape("gateways: a document as a stream", "", Reads { is_whole: true, ..HI })
        },
    ];
    check(&*backend, &Request::chat("gemini-x", "Hello", OutputLength::Free), &shapes);
}
