//! Answers that never end or exceed a size limit: each fails alone, and the run goes on.

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::FailureKind;
use serde_json::json;
use std::collections::BTreeMap;

use super::{plan, run, run_once};
use crate::doubles::{Playlist, answer, ms, text};

const MEBIBYTE: usize = 1 << 20;

/// Returns a stream of endless text.
fn endless_text() -> ScriptedTransport {
    let piece = text(&"x".repeat(MEBIBYTE));
    ScriptedTransport::new(std::iter::repeat_n(piece, 40))
}

/// Returns the message of the only failure of a run against `script`, and asserts its kind.
async fn is_too_long(script: ScriptedTransport) -> String {
    let plan = plan().concurrency([1]).requests(1);
    let metrics = run_once(plan, script).await.metrics;
    assert_eq!(metrics.failures, BTreeMap::from([(FailureKind::AnswerTooLong, 1)]));
    let failure = metrics.requests[0].failure().expect("a failure");
    assert_eq!(failure.code(), -11);
    failure.message.clone()
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_fails_and_the_sweep_goes_on() {
    let playlist = Playlist::new([endless_text(), answer(4, ms(5), ms(5))]);
    let runs = run(plan().concurrency([1, 2]).requests(2), playlist).await.runs;
    assert_eq!(runs.len(), 2);
    for report in &runs {
        let metrics = &report.metrics;
        assert_eq!(metrics.failures, BTreeMap::from([(FailureKind::AnswerTooLong, 1)]));
        assert_eq!(metrics.completed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_message_names_the_limit() {
    let message = is_too_long(endless_text()).await;
    assert_eq!(message, "more than 32 MiB of text: the rest of the answer was not read");
}

#[tokio::test(start_paused = true)]
async fn an_event_without_end_is_too_long() {
    let begins = Step::Bytes("data: ".into());
    let goes_on = Step::Bytes("x".repeat(MEBIBYTE).into());
    let script = ScriptedTransport::new([begins].into_iter().chain(std::iter::repeat_n(goes_on, 70)));
    let message = is_too_long(script).await;
    assert!(message.starts_with("an event of more than 64 MiB"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_document_without_end_is_too_long() {
    let begins = Step::Bytes(r#"{"choices": [{"message": {"content": ""#.into());
    let goes_on = Step::Bytes("x".repeat(MEBIBYTE).into());
    let script = ScriptedTransport::new([begins].into_iter().chain(std::iter::repeat_n(goes_on, 70)));
    let message = is_too_long(script.with_head(200, "application/json")).await;
    assert!(message.starts_with("an event of more than 64 MiB"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_document_of_too_many_values_is_too_long() {
    let choices = "{},".repeat(3 * MEBIBYTE);
    let body = format!(r#"{{"choices": [{choices}{{}}]}}"#);
    let script = ScriptedTransport::new([Step::Bytes(body.into())]).with_head(200, "application/json");
    let message = is_too_long(script).await;
    assert!(message.starts_with("a JSON document of more than 2097152 values"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn arguments_of_a_tool_without_end_are_too_long() {
    let arguments = "x".repeat(MEBIBYTE);
    let call = json!({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "function": {"name": "f", "arguments": arguments}}
    ]}}]});
    let piece = crate::doubles::event(&call);
    let message = is_too_long(ScriptedTransport::new(std::iter::repeat_n(piece, 40))).await;
    assert_eq!(message, "more than 32 MiB of text: the rest of the answer was not read");
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_is_no_failure() {
    let piece = text(&"x".repeat(MEBIBYTE));
    let ending = crate::doubles::ending(10, 4);
    let script = ScriptedTransport::new(std::iter::repeat_n(piece, 20).chain(ending));
    let metrics = run_once(plan().concurrency([4]).requests(4), script).await.metrics;
    assert_eq!((metrics.completed, metrics.failed), (4, 0));
}
