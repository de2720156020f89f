//! Recordings of conversations in `GENERIC`.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::{SDK, answer, broken, failing, stream, usage, whole};

/// Returns all recordings.
pub(super) fn cassettes() -> Vec<Cassette> {
    [answers(), errors()].concat()
}

fn answers() -> Vec<Cassette> {
    let sdk =
        stream("chat", include_bytes!("../../../fixtures/oci/generic.sse"), answer("Hello!", usage(41, 8)));
    let sdk = Cassette { origin: SDK, ..sdk };
    let shown = Message::user("what?").showing([Media::image("data:image/png;base64,AAAA")]);
    let picture = Input::Chat { messages: vec![shown], output: OutputLength::AtMost(Tokens(16)) };
    let of_a_picture =
        Cassette { name: "chat_of_a_picture", request: Request::new("m", picture), ..sdk.clone() };
    let reasoned = Expected {
        answer: "Snow ☃look{\"a\":1}",
        reasoning: "Let me see",
        usage: Usage { reasoning: Some(Tokens(4)), cached: Some(Tokens(32)), ..usage(41, 12) },
        finish: Some(FinishReason::ToolCalls),
        ..Expected::default()
    };
    let reasoning = stream(
        "chat_reasoning_tool_calls_unknown_event",
        include_bytes!("../../../fixtures/oci/generic_reasoning_tool_calls.sse"),
        reasoned,
    );
    let counted = Usage { reasoning: Some(Tokens(1)), cached: Some(Tokens(3)), ..usage(9, 4) };
    let expected = Expected { reasoning: "Greet", ..answer("Hello ☃", counted) };
    vec![
        sdk,
        of_a_picture,
        Cassette { role: Role::Unknown, ..reasoning },
        whole("chat_whole", include_bytes!("../../../fixtures/oci/generic_whole.json"), expected),
    ]
}

fn errors() -> Vec<Cassette> {
    let nothing = Expected::default;
    let midway = include_bytes!("../../../fixtures/oci/generic_error_midway.sse");
    let event = include_bytes!("../../../fixtures/oci/generic_error_event.sse");
    let unended = include_bytes!("../../../fixtures/oci/generic_without_an_end.sse");
    let whole_unended = include_bytes!("../../../fixtures/oci/generic_whole_unended.json");
    let refused = include_bytes!("../../../fixtures/oci/error.json");
    let garbage = include_bytes!("../../../fixtures/oci/garbage.sse");
    vec![
        failing(stream("chat_error_midway", midway, nothing()), Some(500), "The model broke down"),
        failing(stream("chat_error_event", event, nothing()), None, "The model broke down"),
        failing(whole("chat_whole_refused", refused, nothing()), Some(429), "Request is throttled"),
        broken(stream("chat_without_an_end", unended, nothing())),
        broken(whole("chat_whole_without_an_end", whole_unended, nothing())),
        broken(stream("garbage", garbage, nothing())),
    ]
}
