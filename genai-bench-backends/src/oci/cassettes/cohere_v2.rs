//! Recordings of conversations in `COHEREV2`.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::FinishReason;

use super::{SDK, answer, broken, failing, stream, usage, whole};

/// Returns all recordings.
pub(super) fn cassettes() -> Vec<Cassette> {
    [answers(), errors()].concat()
}

fn answers() -> Vec<Cassette> {
    let thought = Expected { reasoning: "Hmm", ..answer("Hi", usage(3, 5)) };
    let all_at_the_end = Expected { reasoning: "Hmm", ..answer("Snow ☃", usage(3, 5)) };
    let called = Expected {
        reasoning: "I will look.",
        finish: Some(FinishReason::ToolCalls),
        ..answer("look{\"a\":1}", usage(9, 14))
    };
    let limited =
        Expected {
            reasoning: "Greet", finish: Some(FinishReason::Length), ..answer("Hello ☃", usage(9, 4))
        };
    let sdk = stream("chat", include_bytes!("../../../fixtures/oci/cohere_v2.sse"), thought);
    let unknown = stream(
        "chat_unknown_event",
        include_bytes!("../../../fixtures/oci/cohere_v2_unknown_event.sse"),
        answer("Paris", usage(7, 1)),
    );
    vec![
        Cassette { origin: SDK, ..sdk },
        Cassette { role: Role::Unknown, ..unknown },
        stream(
            "chat_all_at_the_end_usage_later",
            include_bytes!("../../../fixtures/oci/cohere_v2_all_at_the_end.sse"),
            all_at_the_end,
        ),
        stream("chat_tool_calls", include_bytes!("../../../fixtures/oci/cohere_v2_tool_calls.sse"), called),
        whole("chat_whole", include_bytes!("../../../fixtures/oci/cohere_v2_whole.json"), limited),
    ]
}

fn errors() -> Vec<Cassette> {
    let nothing = Expected::default;
    let error = include_bytes!("../../../fixtures/oci/cohere_v2_error.sse");
    let whole_error = include_bytes!("../../../fixtures/oci/cohere_v2_whole_error.json");
    let garbage = include_bytes!("../../../fixtures/oci/garbage.sse");
    vec![
        failing(stream("chat_error_at_the_end", error, nothing()), None, "the model broke down"),
        failing(whole("chat_whole_error", whole_error, nothing()), None, "ERROR"),
        broken(stream("garbage", garbage, nothing())),
    ]
}
