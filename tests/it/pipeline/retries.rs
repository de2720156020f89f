//! Retries of failed requests.

use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::FailureKind;
use genai_bench_core::metrics::VerdictLevel;
use genai_bench_core::report::RunReport;

use super::{plan, run_once};
use crate::doubles::{Playlist, Unreachable, Watched, answer, ms, text};

fn refusal(status: u16) -> ScriptedTransport {
    ScriptedTransport::new([Step::Wait(ms(5)), Step::Bytes(r#"{"error": {"message": "later"}}"#.into())])
        .with_head(status, "application/json")
}

fn asking_to_wait(seconds: &'static str) -> ScriptedTransport {
    refusal(429).with_header("retry-after", seconds)
}

async fn run(retry: u32, scripts: impl IntoIterator<Item = ScriptedTransport>) -> (RunReport, usize) {
    let (transport, log) = Watched::new(Playlist::new(scripts));
    let report = run_once(plan().concurrency([1]).requests(1).retry(retry), transport).await;
    (report, log.bodies().len())
}

#[tokio::test(start_paused = true)]
async fn there_are_no_retries_by_default() {
    let (report, sent) = run(0, [refusal(429), answer(1, ms(10), ms(0))]).await;
    assert_eq!((sent, report.metrics.failed, report.metrics.retries), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn latency_of_a_retried_request_counts_from_its_first_attempt() {
    let (report, sent) = run(2, [asking_to_wait("2"), asking_to_wait("3"), answer(2, ms(10), ms(20))]).await;
    let metrics = &report.metrics;
    assert_eq!((sent, metrics.completed, metrics.retried, metrics.retries), (3, 1, 1, 2));
    // Two refusals of 5 ms, pauses of 2 and 3 s, and 10 ms to the first token.
    assert_eq!(metrics.requests[0].ttft(), Some(Duration::from_millis(5 + 2000 + 5 + 3000 + 10)));
    assert_eq!(metrics.requests[0].retries(), 2);
    let check =
        metrics.verdict.checks.iter().find(|it| it.name == "retries").expect("the verdict has the check");
    assert_eq!(check.level, VerdictLevel::Degraded);
    assert!(
        check.finding.starts_with("1 of 1 requests were sent again, 2 times in total"),
        "{}",
        check.finding
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_failure_counts_when_every_attempt_failed() {
    let (report, sent) = run(2, [refusal(429), refusal(503), refusal(500)]).await;
    assert_eq!((sent, report.metrics.failed, report.metrics.retries), (3, 1, 2));
    assert_eq!(report.metrics.error_codes.keys().collect::<Vec<_>>(), [&500]);
}

#[tokio::test(start_paused = true)]
async fn pauses_without_retry_after_double_with_jitter() {
    let (report, sent) = run(3, [refusal(503), refusal(503), refusal(503), answer(1, ms(0), ms(0))]).await;
    let took = report.metrics.requests[0].ttft().expect("it was answered");
    let (least, most) = ((500 + 1000 + 2000) * 3 / 4, 500 + 1000 + 2000);
    assert!((ms(least + 15)..=ms(most + 15)).contains(&took), "{took:?}");
    assert_eq!(sent, 4);
}

#[tokio::test(start_paused = true)]
async fn partial_answers_and_permanent_failures_are_not_retried() {
    let half = || ScriptedTransport::new([text("a"), Step::Break]);
    for script in [half(), refusal(400), refusal(401), asking_to_wait("600")] {
        let (report, sent) = run(5, [script, answer(1, ms(10), ms(0))]).await;
        assert_eq!((sent, report.metrics.failed), (1, 1), "{:?}", report.metrics.failures);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_server_is_retried() {
    let report = run_once(plan().concurrency([1]).requests(1).retry(2), Unreachable).await;
    assert_eq!(report.metrics.retries, 2);
    assert_eq!(report.metrics.failures.keys().collect::<Vec<_>>(), [&FailureKind::Connect]);
}
