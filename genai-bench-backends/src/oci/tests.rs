//! Answers in each of the formats, as servers send them.

use genai_bench_core::request::{OutputLength, Request};

use super::entry::{COHERE, COHERE_V2, GENAI};
use crate::entry::{Entry, Settings};
use crate::tests::shapes::{EVENTS, Reads, Shape, check};

const HI: Reads = Reads {
    reasoning: "",
    answer: "Hi you",
    kinds: "T",
    finish: Some("stop"),
    usage: (None, None),
    is_whole: false,
    keep_alives: 0,
    failure: None,
};
const CALL: Reads = Reads { answer: "f{\"a\":1}", kinds: "C", finish: Some("tool_calls"), ..HI };

fn shape(sent_by: &'static str, body: &'static str, reads: Reads) -> Shape {
    Shape { sent_by, content_type: EVENTS, body: body.as_bytes(), reads }
}

fn check_all(entry: &Entry, shapes: &[Shape]) {
    let settings = Settings {
        api_key: Some("sk-EXAMPLE".into()),
        api_base: Some("http://localhost:8000".to_owned()),
        options: [("oci-compartment-id", "ocid1.compartment.oc1..c".into())].into(),
        ..Settings::default()
    };
    let backend = (entry.build)(&settings).unwrap().backend;
    check(&*backend, &Request::chat("m", "Hello", OutputLength::Free), shapes);
}

#[test]
fn generic_answers_are_read_whatever_their_pieces_are() {
    let call = "data: {\"message\":{\"toolCalls\":[{\"id\":\"1\",\"type\":\"FUNCTION\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}]}}\n\n\
        data: {\"message\":{\"toolCalls\":[{\"id\":\"1\",\"type\":\"FUNCTION\",\"name\":\"f\",\"arguments\":\":1}\"}]}}\n\n\
        data: {\"finishReason\":\"tool_calls\"}\n\ndata: [DONE]\n\n";
    let odd = "data:\n\nevent: ping\ndata: x\n\n\
        data: {\"message\":{\"reasoningContent\":\"a\",\"reasoningContent\":\"Hm\"},\"x\":NaN}\n\n\
        data: {\"message\":{\"content\":[{\"type\":\"TEXT\",\"text\":\"Hi\"},{\"text\":7},null]}}\n\n\
        data: {\"message\":{\"content\":\" you\",\"\\ud83d\":1}}\n\ndata: {\"message\":{\"content\":7}}\n\n\
        data: {\"finishReason\":\"stop\"}\n\ndata:  \"[DONE]\"\n\n";
    let document = r#"{"chatResponse":{"choices":[{"message":{"content":[{"type":"TEXT","text":"Hi you"}]},"finishReason":"stop"}]}}"#;
    check_all(
        &GENAI,
        &[
            shape("OCI: a call whose name is repeated", call, CALL),
            shape(
                "gateways: odd events and odd JSON",
                odd,
                Reads { reasoning: "Hm", kinds: "RT", keep_alives: 2, ..HI },
            ),
            Shape {
                content_type: Some("application/json"),
                ..shape("gateways: a stream as JSON", call, CALL)
            },
            shape("gateways: a document as a stream", document, Reads { is_whole: true, ..HI }),
        ],
    );
}

#[test]
fn what_repeats_the_answer_at_its_end_is_no_output() {
    let cohere = "data: {\"apiFormat\":\"COHERE\",\"text\":\"Hi\"}\n\ndata: {\"apiFormat\":\"COHERE\",\"text\":\" you\"}\n\n\
        data: {\"apiFormat\":\"COHERE\",\"text\":\"Hi you\",\"finishReason\":\"COMPLETE\"}\n\n";
    let call = "data: {\"apiFormat\":\"COHERE\",\"toolCalls\":[{\"name\":\"f\",\"parameters\":{\"a\":1}}]}\n\n\
        data: {\"apiFormat\":\"COHERE\",\"toolCalls\":[{\"name\":\"f\",\"parameters\":{\"a\":1}}],\"finishReason\":\"TOOL_CALL\"}\n\n";
    check_all(&COHERE, &[shape("Command R", cohere, HI), shape("Command R: a call", call, CALL)]);
    let call = "data: {\"message\":{\"toolCalls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}\n\n\
        data: {\"message\":{\"toolCalls\":[{\"id\":\"1\",\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}]}}\n\n\
        data: {\"message\":{\"toolCalls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]},\"finishReason\":\"TOOL_CALL\"}\n\n";
    check_all(&COHERE_V2, &[shape("Command A: a call", call, CALL)]);
}
