//! Streams, their end marks and keep-alives, and JSON documents in their place.

use genai_bench_core::backend::Backend;
use genai_bench_core::conformance::decode_chunks;

use super::shapes::{COUNTED, HI, backend, chat, events, typed};
use crate::tests::shapes::{EVENTS, Reads, check};

/// A stream of two pieces and an end.
macro_rules! hi {
    ($($between:literal)*) => {
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            $($between,)*
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" you\"}}]}\n\n",
        )
    };
}
macro_rules! stop {
    () => {
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    };
}

#[test]
fn heartbeats_and_end_marks_are_told_from_output() {
    let blanks = concat!("data:\n\ndata: \n\n", hi!("data:\n\n"), stop!(), "data: [DONE]\n\n");
    let pings =
        concat!(": ping\n\nevent: ping\ndata: {\"broken\n\n", hi!("event: ping\ndata: 7\n\n"), stop!());
    let unstated = Reads { finish: Some("unstated"), ..HI };
    let mut shapes = vec![
        events("proxies: events without data", blanks, Reads { keep_alives: 3, ..HI }),
        events("gateways: pings with anything in them", pings, Reads { keep_alives: 3, ..HI }),
        events(
            "none: an answer that breaks off",
            hi!(),
            Reads { finish: None, failure: Some("ended early"), ..HI },
        ),
    ];
    for (sent_by, mark) in [
        ("OpenAI", concat!(hi!(), "data: [DONE]\n\n")),
        ("gateways: blanks around the mark", concat!(hi!(), "data:  [DONE] \n\n")),
        ("gateways: no blank before the mark", concat!(hi!(), "data:[DONE]\n\n")),
        ("gateways: the mark in quotes", concat!(hi!(), "data: \"[DONE]\"\n\n")),
        ("gateways: the mark in lower case", concat!(hi!(), "data: [done]\n\n")),
        ("servers that do not end their last line", concat!(hi!(), "data: [DONE]")),
        ("servers that go on behind the mark", concat!(hi!(), "data: [DONE]\n\n", hi!())),
        ("gateways: a byte order mark before the stream", concat!("\u{feff}", hi!(), "data: [DONE]\n\n")),
        ("gateways that join streams", concat!(hi!(), "\u{feff}data: [DONE]\n\n")),
    ] {
        shapes.push(events(sent_by, mark, unstated));
    }
    check(&backend(), &chat(), &shapes);
}

#[test]
fn the_first_byte_tells_a_stream_from_a_document() {
    const DOCUMENT: &str = r#"{"choices":[{"message":{"content":"Hi you"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
    let whole = Reads { is_whole: true, ..COUNTED };
    let stream = concat!("\n\n: hello\n\nid: 1\nretry: 5\n", hi!(), stop!());
    let mut shapes = vec![
        typed("servers that know their type", Some("application/json"), DOCUMENT, whole),
        typed(
            "with a byte order mark and a blank line",
            EVENTS,
            "\u{feff}\r\n {\"choices\":[{\"message\":{\"content\":\"Hi you\"},\"finish_reason\":\"stop\"}]}\n",
            Reads { is_whole: true, ..HI },
        ),
        typed(
            "an error in the place of a stream",
            EVENTS,
            r#"{"error":{"message":"too long","code":400}}"#,
            Reads { answer: "", kinds: "", finish: None, failure: Some("too long"), is_whole: true, ..HI },
        ),
    ];
    for content_type in
        [EVENTS, Some("application/json"), Some("text/plain"), Some("application/octet-stream"), None]
    {
        shapes.push(typed(
            "gateways that call a stream anything",
            content_type,
            stream,
            Reads { keep_alives: 1, ..HI },
        ));
        shapes.push(typed("gateways that call a document anything", content_type, DOCUMENT, whole));
    }
    check(&backend(), &chat(), &shapes);
    check(&backend(), &chat().unstreamed(), &shapes);
}

#[test]
fn a_repetition_takes_no_time() {
    let body = concat!(
        hi!(),
        "data: {\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":\"Hi you\"},\"finish_reason\":\"stop\"}]}\n\n"
    );
    let (head, ()) = http::Response::new(()).into_parts();
    let chunks: Vec<&[u8]> = body.split_inclusive("\n\n").map(str::as_bytes).collect();
    let backend = backend();
    let decoder = backend.decoder(&chat(), &head);
    let (trace, outcome) = decode_chunks(decoder, &chunks);
    assert_eq!(outcome, Ok(()));
    let end = trace.generation_end().map(genai_bench_core::units::Offset::as_nanos);
    assert_eq!((end, trace.arrivals.len()), (Some(2), 2), "it ends with its last delta");
}
