//! Recordings of conversations in `COHERE`.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::FinishReason;

use super::{SDK, answer, broken, failing, stream, usage, whole};

/// Returns all recordings.
pub(super) fn cassettes() -> Vec<Cassette> {
    [answers(), errors()].concat()
}

fn answers() -> Vec<Cassette> {
    let sdk =
        stream("chat", include_bytes!("../../../fixtures/oci/cohere.sse"), answer("Hi there", usage(6, 2)));
    let at_once = Expected { finish: Some(FinishReason::Length), ..answer("Hi ☃", usage(6, 2)) };
    let tools = stream(
        "chat_tool_calls_usage_later",
        include_bytes!("../../../fixtures/oci/cohere_tool_calls_usage_later.sse"),
        answer("I looklook{\"a\":1}", usage(6, 9)),
    );
    vec![
        Cassette { origin: SDK, ..sdk },
        stream("chat_at_once", include_bytes!("../../../fixtures/oci/cohere_at_once.sse"), at_once),
        Cassette { role: Role::Unknown, ..tools },
        stream(
            "chat_tool_calls_at_the_end",
            include_bytes!("../../../fixtures/oci/cohere_tool_calls_at_the_end.sse"),
            answer("I looklook{\"a\":1}", usage(6, 9)),
        ),
        whole(
            "chat_whole",
            include_bytes!("../../../fixtures/oci/cohere_whole.json"),
            answer("Hello ☃", usage(9, 4)),
        ),
    ]
}

fn errors() -> Vec<Cassette> {
    let nothing = Expected::default;
    let toxic = include_bytes!("../../../fixtures/oci/cohere_error_at_the_end.sse");
    let limit = include_bytes!("../../../fixtures/oci/cohere_error_limit.sse");
    let whole_error = include_bytes!("../../../fixtures/oci/cohere_whole_error.json");
    let midway = include_bytes!("../../../fixtures/oci/generic_error_midway.sse");
    let garbage = include_bytes!("../../../fixtures/oci/garbage.sse");
    vec![
        failing(stream("chat_error_at_the_end", toxic, nothing()), None, "held back"),
        failing(stream("chat_error_limit", limit, nothing()), None, "ERROR_LIMIT"),
        failing(whole("chat_whole_error", whole_error, nothing()), None, "the model broke down"),
        failing(stream("chat_error_midway", midway, nothing()), Some(500), "The model broke down"),
        broken(stream("garbage", garbage, nothing())),
    ]
}
