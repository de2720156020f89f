//! The outcome of successful responses in each backend, from their bytes to the record.

use std::sync::Arc;

use genai_bench_backends::registry;
use genai_bench_core::backend::Backend;
use genai_bench_core::clock::Epoch;
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::exchange::{Timeouts, exchange};
use genai_bench_core::failure::{Failure, FailureKind};
use genai_bench_core::record::FinishReason;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::target::Target;
use genai_bench_core::units::Tokens;

const EVENTS: &str = "text/event-stream";

/// Returns the backend of this name in this setup.
fn backend(name: &str, setup: &str) -> Arc<dyn Backend> {
    let entry = registry::find(name).expect("the root builds every backend");
    let mut subjects = (entry.subjects)().into_iter();
    subjects.find(|subject| subject.0 == setup).expect("the backend has this setup").1.backend
}

/// Sends a chat with one output token to `backend`, which is answered by `body` with status 200.
async fn answered(backend: Arc<dyn Backend>, content_type: &'static str, body: &str) -> RequestRecord {
    let script = ScriptedTransport::new([Step::Bytes(body.to_owned().into())]).with_head(200, content_type);
    let target = Target::new(backend, Arc::new(script));
    let request = Request::chat("gemini-x", "Hello", OutputLength::AtMost(Tokens(1)));
    let mut record = RequestRecord::default();
    exchange(&target, &request, Timeouts::default(), Epoch::start(), &mut record).await;
    record
}

async fn failure_of(name: &str, setup: &str, events: &[&str]) -> Failure {
    let record = answered(backend(name, setup), EVENTS, &stream(events)).await;
    record.failure.unwrap_or_else(|| panic!("{name} {setup}: {events:?} was accepted as an answer"))
}

fn stream(events: &[&str]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// A finish reason and one token without text, in `OpenAI`'s format.
const CHAT: [&str; 2] = [
    r#"{"choices": [{"delta": {"content": ""}, "finish_reason": "stop"}], "usage": {"completion_tokens": 1}}"#,
    "[DONE]",
];
const RESPONSE: [&str; 1] =
    [r#"{"type": "response.completed", "response": {"status": "completed", "usage": {"output_tokens": 1}}}"#];
const ANTHROPIC: [&str; 3] = [
    r#"{"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}}"#,
    r#"{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}"#,
    r#"{"type": "message_stop"}"#,
];
const COHERE: [&str; 1] = [
    r#"{"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {"tokens": {"output_tokens": 1.0}}}}"#,
];
const OCI: [&str; 2] = [r#"{"finishReason": "stop", "usage": {"completionTokens": 1}}"#, "[DONE]"];
const OCI_COHERE: [&str; 1] =
    [r#"{"text": "", "finishReason": "COMPLETE", "usage": {"completionTokens": 1}}"#];
const GEMINI: [&str; 1] =
    [r#"{"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"candidatesTokenCount": 1}}"#];
const CUSTOM: [&str; 1] =
    [r#"{"token": {"text": ""}, "details": {"finish_reason": "eos_token", "generated_tokens": 1}}"#];
const BEDROCK: &str =
    r#"{"output": {"message": {"content": []}}, "stopReason": "end_turn", "usage": {"outputTokens": 1}}"#;

#[tokio::test]
async fn an_answer_of_the_end_token_alone_is_an_answer() {
    let streams: [(&str, &str, &[&str]); 12] = [
        ("openai", "", &CHAT),
        ("vllm", "", &CHAT),
        ("sglang", "", &CHAT),
        ("together", "", &CHAT),
        ("azure-openai", "", &CHAT),
        ("openai", "responses", &RESPONSE),
        ("anthropic", "", &ANTHROPIC),
        ("cohere", "", &COHERE),
        ("oci-genai", "", &OCI),
        ("oci-cohere", "", &OCI_COHERE),
        ("gcp-vertex", "", &GEMINI),
        ("custom", "events", &CUSTOM),
    ];
    for (name, setup, events) in streams {
        check_end_token_alone(name, &answered(backend(name, setup), EVENTS, &stream(events)).await);
    }
    let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(1))).unstreamed();
    let script = ScriptedTransport::new([Step::Bytes(BEDROCK.into())]).with_head(200, "application/json");
    let target = Target::new(backend("aws-bedrock", ""), Arc::new(script));
    let mut record = RequestRecord::default();
    exchange(&target, &request, Timeouts::default(), Epoch::start(), &mut record).await;
    check_end_token_alone("aws-bedrock", &record);
}

fn check_end_token_alone(name: &str, record: &RequestRecord) {
    assert_eq!(record.failure, None, "{name}");
    assert_eq!(record.finish, Some(FinishReason::Stop), "{name}");
    assert_eq!(record.usage.output, Some(Tokens(1)), "{name}");
    assert!(record.arrivals.is_empty() && record.finished_at.is_some(), "{name}");
}

#[tokio::test]
async fn a_finish_reason_that_reports_an_abort_is_a_failure() {
    let choice = |reason: &str| {
        format!(r#"{{"choices": [{{"delta": {{"content": "a"}}, "finish_reason": {reason}}}]}}"#)
    };
    let response = |status: &str| {
        format!(r#"{{"type": "response.{status}", "response": {{"status": "{status}", "error": null}}}}"#)
    };
    let cohere =
        |reason: &str| format!(r#"{{"type": "message-end", "delta": {{"finish_reason": "{reason}"}}}}"#);
    let oci = |reason: &str| format!(r#"{{"text": "", "finishReason": "{reason}"}}"#);
    let custom = r#"{"token": {"text": "a"}, "details": {"finish_reason": {"type": "abort", "message": "no memory"}}}"#;
    let (aborted, in_band) = (FailureKind::Aborted, FailureKind::InBand);
    for (name, setup, event, kind, expected) in [
        ("openai", "", choice(r#""abort""#), aborted, "abort"),
        ("openai", "", choice(r#""insufficient_system_resource""#), aborted, "insufficient"),
        ("sglang", "", choice(r#"{"type": "abort", "message": "no memory"}"#), aborted, "no memory"),
        ("openai", "responses", response("failed"), in_band, "failed"),
        ("openai", "responses", response("cancelled"), aborted, "cancelled"),
        ("cohere", "", cohere("ERROR"), in_band, "ERROR"),
        ("cohere", "", cohere("TIMEOUT"), in_band, "TIMEOUT"),
        ("cohere", "", cohere("USER_CANCEL"), aborted, "USER_CANCEL"),
        ("oci-cohere", "", oci("ERROR_TOXIC"), in_band, "ERROR_TOXIC"),
        ("oci-genai", "", oci("error"), in_band, "error"),
        ("oci-cohere", "", oci("USER_CANCEL"), aborted, "USER_CANCEL"),
        ("custom", "events", custom.to_owned(), aborted, "no memory"),
    ] {
        let failure = failure_of(name, setup, &[&event]).await;
        assert_eq!(failure.kind, kind, "{name} {setup} {event}: {failure}");
        assert!(failure.message.contains(expected), "{name} {setup} {event}: {failure}");
    }
}

#[tokio::test]
async fn an_error_in_place_of_a_chunk_is_a_failure_with_its_message() {
    let head = r#"{"choices": [{"delta": {"role": "assistant", "content": ""}}]}"#;
    for (event, status, expected) in [
        (r#"{"object": "error", "message": "engine is dead", "code": 500}"#, Some(500), "engine is dead"),
        (r#"{"text": "NETWORK ERROR", "error_code": 50002}"#, Some(50002), "NETWORK ERROR"),
        (r#"{"error": "no GPU left"}"#, None, "no GPU left"),
        (r#"{"detail": "Internal Server Error"}"#, None, "Internal Server Error"),
        (r#"{"status": "error", "message": "out of memory"}"#, None, "out of memory"),
        (r#"{"message": "upstream is gone", "code": "502"}"#, Some(502), "upstream is gone"),
        (
            r#"{"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "lost"}}]}"#,
            Some(502),
            "lost",
        ),
    ] {
        for events in [vec![event, "[DONE]"], vec![event], vec![head, event, "[DONE]"]] {
            let failure = failure_of("openai", "", &events).await;
            assert_eq!((failure.kind, failure.status), (FailureKind::InBand, status), "{events:?}");
            assert!(failure.message.contains(expected), "{events:?}: {failure}");
        }
        if event.contains("choices") {
            continue;
        }
        // The same as the whole body, and to the other API.
        let whole = answered(backend("openai", ""), "application/json", event).await.failure;
        assert!(whole.is_some_and(|failure| failure.kind == FailureKind::InBand), "{event}");
        let other = failure_of("openai", "responses", &[event]).await;
        assert!(other.kind == FailureKind::InBand && other.message.contains(expected), "{event}: {other}");
    }
}

#[tokio::test]
async fn harmless_chunks_beside_an_answer_are_skipped() {
    let events = [
        r#"{"sglext": {"routed_experts": null}}"#,
        r#"{"object": "keepalive", "message": "still there"}"#,
        r#"{"status": "processing", "message": "3 requests before yours"}"#,
        r#"{"error": null, "choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}"#,
        r#"{"error": "", "choices": [], "usage": {"completion_tokens": 1}}"#,
        "[DONE]",
    ];
    let record = answered(backend("openai", ""), EVENTS, &stream(&events)).await;
    assert_eq!((record.failure, record.skipped), (None, 3));
    assert_eq!(record.usage.output, Some(Tokens(1)));
}

#[tokio::test]
async fn vllms_server_times_are_read_if_they_are_numbers() {
    let answer = |metrics: &str| {
        let choice = r#"{"delta": {"content": "a"}, "finish_reason": "stop"}"#;
        stream(&[&format!(r#"{{"choices": [{choice}], "metrics": {metrics}}}"#), "[DONE]"])
    };
    let read = async |metrics: &str| {
        let record = answered(backend("vllm", ""), EVENTS, &answer(metrics)).await;
        assert_eq!(record.failure, None, "{metrics}");
        let time = record.server_time;
        [time.first_token, time.queue, time.generation].map(|time| time.map(|it| it.as_micros()))
    };
    let all = r#"{"time_to_first_token_ms": 41.5, "queue_time_ms": 2, "generation_time_ms": 80.25}"#;
    assert_eq!(read(all).await, [Some(41_500), Some(2_000), Some(80_250)]);
    let odd = r#"{"time_to_first_token_ms": null, "queue_time_ms": "2", "generation_time_ms": -1}"#;
    assert_eq!(read(odd).await, [None, None, None]);
    assert_eq!(read(r#""none""#).await, [None, None, None]);
}
