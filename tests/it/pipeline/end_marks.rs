//! Answers whose provider declares them complete before their body ends.

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::FailureKind;
use genai_bench_core::metrics::{Check, RunMetrics, VerdictLevel};
use genai_bench_core::units::{Offset, Tokens};
use serde_json::json;

use super::{plan, run_once};
use crate::doubles::{Watched, answer, event, ms, text};

/// The maximum time to wait for the end of a body.
const GRACE: u64 = 100;

/// Returns an answer of four tokens in 100 ms up to its end mark, followed by `rest`.
fn answer_and(rest: impl IntoIterator<Item = Step>) -> ScriptedTransport {
    let pieces = [40, 20, 20, 20].into_iter().flat_map(|wait| [Step::Wait(ms(wait)), text("word ")]);
    ScriptedTransport::new(pieces.chain(crate::doubles::ending(10, 4)).chain(rest))
}

fn open_bodies(metrics: &RunMetrics) -> Option<&Check> {
    metrics.verdict.checks.iter().find(|check| check.name == "open_bodies")
}

fn ended(metrics: &RunMetrics) -> Vec<Offset> {
    metrics.requests.iter().map(genai_bench_core::metrics::RequestMetrics::ended).collect()
}

fn at(milliseconds: u64) -> Offset {
    Offset::from_duration(ms(milliseconds))
}

#[tokio::test(start_paused = true)]
async fn a_body_left_open_ends_with_the_answer() {
    let plan = plan().concurrency([1]).requests(5).timeouts(Some(ms(120)), Some(ms(60)));
    let report = run_once(plan, answer_and([Step::Hang])).await;
    let metrics = report.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.connections.left_open), (5, 0, 5));
    // A server that leaves every body open is waited for three times.
    assert_eq!(report.elapsed, ms(5 * 100 + 3 * GRACE));
    // The wait is in no time of a request; it is the pause before the next.
    assert_eq!(ended(&metrics), [0, 200, 400, 600, 700].map(|start| at(start + 100)));
    assert!(metrics.requests.iter().all(|request| request.e2e_latency() == Some(ms(100))));
    assert!(metrics.requests.iter().all(|request| request.send_lag() == ms(0)));
    let check = open_bodies(&metrics).expect("a check of open bodies");
    assert!(check.finding.starts_with("5 of 5 answers left their body open"), "{check:?}");
    assert_eq!(check.level, VerdictLevel::Degraded, "a good part of the time no request was in flight");
}

#[tokio::test(start_paused = true)]
async fn a_body_left_open_for_a_while_is_not_waited_for() {
    let late_end = answer_and([Step::Wait(ms(4_000))]);
    let report = run_once(plan().concurrency([1]).requests(2), late_end).await;
    assert_eq!(report.elapsed, ms(2 * (100 + GRACE)));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_with_its_answer_is_not_left_open() {
    let report = run_once(plan().concurrency([1]).requests(2), answer_and([Step::Wait(ms(3))])).await;
    let metrics = report.metrics;
    assert_eq!((metrics.completed, metrics.connections.left_open), (2, 0));
    assert!(open_bodies(&metrics).is_none());
    assert_eq!(ended(&metrics), [at(100), at(203)]);
    assert_eq!(report.elapsed, ms(206));
}

#[tokio::test(start_paused = true)]
async fn the_connection_of_a_body_left_open_is_dropped_after_the_grace() {
    let (transport, log) = Watched::new(answer_and([Step::Hang]));
    run_once(plan().concurrency([1]).requests(1), transport).await;
    let changes = log.changes();
    assert_eq!(changes[1].at.since(changes[0].at), ms(100 + GRACE));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_behind_the_answer_loses_nothing() {
    let metrics = run_once(plan().concurrency([1]).requests(1), answer_and([Step::Break])).await.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.connections.left_open), (1, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_complete_is_not_cancelled() {
    // The drain timeout ends while the end of the second slot's body is waited for.
    let plan = plan().concurrency([1]).time(ms(90)).drain(ms(30));
    let report = run_once(plan, answer_and([Step::Hang])).await;
    let metrics = report.metrics;
    assert_eq!((metrics.completed, metrics.cancelled, metrics.connections.left_open), (1, 0, 1));
    assert_eq!((ended(&metrics), report.elapsed), (vec![at(100)], ms(120)));
}

#[tokio::test(start_paused = true)]
async fn an_end_mark_alone_is_no_answer() {
    let script = ScriptedTransport::new([Step::Bytes("data: [DONE]\n\n".into()), Step::Hang]);
    let metrics = run_once(plan().concurrency([1]).requests(1), script).await.metrics;
    assert_eq!(metrics.failures.get(&FailureKind::EmptyAnswer), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn without_an_end_mark_the_body_is_read_to_its_end() {
    // Counts may follow the reason to end, however late.
    let reason = event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}));
    let usage = event(&json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 7}}));
    let script = ScriptedTransport::new([text("a"), reason, Step::Wait(ms(500)), usage]);
    let metrics = run_once(plan().concurrency([1]).requests(1), script).await.metrics;
    let tokens = metrics.requests[0].tokens();
    assert_eq!(tokens.output, Some(Tokens(7)));
    assert_eq!(ended(&metrics), [at(500)]);
}

#[tokio::test(start_paused = true)]
async fn an_ordinary_answer_does_not_wait() {
    let report = run_once(plan().concurrency([1]).requests(3), answer(4, ms(10), ms(10))).await;
    assert_eq!((report.elapsed, report.metrics.connections.left_open), (ms(120), 0));
}

#[tokio::test(start_paused = true)]
async fn one_body_left_open_does_not_disable_the_wait() {
    let bodies = [answer(1, ms(100), ms(0)), answer_and([Step::Hang]), answer_and([Step::Hang])];
    let playlist = crate::doubles::Playlist::new(bodies);
    let report = run_once(plan().concurrency([1]).requests(9), playlist).await;
    assert_eq!((report.metrics.completed, report.metrics.connections.left_open), (9, 6));
    assert_eq!(report.elapsed, ms(9 * 100 + 6 * 100));
}

#[tokio::test(start_paused = true)]
async fn counts_behind_the_end_mark_are_read_and_text_is_not() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 7}});
    let late = [Step::Wait(ms(20)), event(&usage), text("more"), Step::Hang];
    let answer = [Step::Wait(ms(100)), text("word"), Step::Bytes("data: [DONE]\n\n".into())];
    let script = ScriptedTransport::new(answer.into_iter().chain(late));
    let report = run_once(plan().concurrency([1]).requests(1), script).await;
    let request = &report.metrics.requests[0];
    assert_eq!(request.tokens().output, Some(Tokens(7)));
    assert_eq!(request.ended(), Offset::from_duration(ms(100)));
}
