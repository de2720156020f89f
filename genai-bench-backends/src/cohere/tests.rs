//! Answers of the provider and of what stands before it, as they come.

use genai_bench_core::request::{OutputLength, Request};

use super::ENTRY;
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

macro_rules! content {
    ($content:literal) => {
        concat!(
            "event: content-delta\ndata: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":",
            $content,
            "}}}\n\n"
        )
    };
}
macro_rules! end {
    ($reason:literal) => {
        concat!(
            "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"",
            $reason,
            "\",\"usage\":{\"tokens\":{\"input_tokens\":9,\"output_tokens\":2}}}}\n\ndata: [DONE]\n\n"
        )
    };
}

fn shape(sent_by: &'static str, body: &'static str, reads: Reads) -> Shape {
    Shape { sent_by, content_type: EVENTS, body: body.as_bytes(), reads }
}

#[test]
fn answers_are_read_whatever_their_pieces_are() {
    let call = concat!(
        "event: tool-plan-delta\ndata: {\"delta\":{\"message\":{\"tool_plan\":\"Hm\"}}}\n\n",
        "event: tool-call-start\ndata: {\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}}}}\n\n",
        "event: tool-call-delta\ndata: {\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}}}}\n\n",
        "event: tool-call-end\ndata: {}\n\n",
        end!("TOOL_CALL")
    );
    let thinking =
        concat!(content!("{\"thinking\":\"Hm\"}"), content!("{\"text\":\"Hi you\"}"), end!("COMPLETE"));
    let odd = concat!(
        "data:\n\nevent: ping\ndata: x\n\n",
        content!("{\"text\":\"Hi\",\"text\":\"Hi\",\"\\ud83d\":NaN}"),
        content!("{\"text\":7}"),
        content!("null"),
        content!("[{\"type\":\"text\",\"text\":\" you\"}]"),
        end!("COMPLETE")
    );
    let half = concat!(content!("{\"text\":\"\\ud83d\"}"), end!("COMPLETE"));
    let without_end = concat!(content!("{\"text\":\"Hi you\"}"), "data: \"[DONE]\" \n\n");
    let document = r#"{"message":{"tool_plan":"Hm","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"TOOL_CALL","usage":{"tokens":{"input_tokens":9,"output_tokens":2}}}"#;
    let called =
        Reads { reasoning: "Hm", answer: "f{\"a\":1}", kinds: "RC", finish: Some("tool_calls"), ..HI };
    let cut = Reads { finish: None, usage: (None, None), failure: Some("ended early"), ..HI };
    let backend = (ENTRY.build)(&Settings::default()).unwrap().backend;
    let mut shapes = vec![
        shape("Cohere: a call", call, called),
        shape("Cohere: thinking", thinking, Reads { reasoning: "Hm", kinds: "RT", ..HI }),
        shape("gateways: odd events and odd JSON", odd, Reads { keep_alives: 2, ..HI }),
        shape("half an emoji", half, Reads { answer: "\u{fffd}", ..HI }),
        shape("nobody: an answer without its end", without_end, cut),
        shape("gateways: a document as a stream", document, Reads { is_whole: true, ..called }),
    ];
    for content_type in [Some("application/json"), None] {
        shapes.push(Shape {
            content_type,
            ..shape("gateways that call a stream anything", thinking, shapes[1].reads)
        });
    }
    check(&*backend, &Request::chat("m", "Hello", OutputLength::Free), &shapes);
}
