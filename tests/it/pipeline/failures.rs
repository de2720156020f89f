//! Failures of requests: their kinds, their exact times, and never a success with fewer tokens.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::{Failure, FailureKind};
use genai_bench_core::metrics::{RequestMetrics, TokenCounts, VerdictLevel};
use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::runner::Runner;
use genai_bench_core::target::Target;
use genai_bench_core::transport::Transport;
use genai_bench_core::units::Offset;
use serde_json::json;

use super::{plan, run, run_once};
use crate::doubles::{
    Expired, Playlist, Unreachable, Watched, answer, backend, ending, event, ms, sampler, text,
};

/// Returns the failure of the only request of a run, and its time.
async fn fails(transport: impl Transport) -> (Failure, Offset) {
    let plan = plan().concurrency([1]).requests(1).timeouts(Some(ms(1_000)), Some(ms(100)));
    let metrics = run_once(plan, transport).await.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.error_rate()), (0, 1, Some(1.0)));
    assert!(metrics.stats.is_empty() && metrics.requests_per_s.is_none());
    let request = &metrics.requests[0];
    assert_eq!((request.ttft(), request.tokens()), (None, TokenCounts::default()));
    let failure = request.failure().cloned().expect("a failure");
    assert_eq!(metrics.failures, BTreeMap::from([(failure.kind, 1)]));
    assert_eq!(metrics.error_codes, BTreeMap::from([(failure.code(), 1)]));
    (failure, request.ended())
}

fn after(milliseconds: u64) -> Offset {
    Offset::from_duration(ms(milliseconds))
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_stall() {
    let script =
        ScriptedTransport::new([Step::Wait(ms(10)), text("a"), Step::Wait(ms(99)), text("b"), Step::Hang]);
    let (failure, ended) = fails(script).await;
    assert_eq!((failure.kind, ended), (FailureKind::Stalled, after(10 + 99 + 100)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_given_up_after_two_minutes() {
    let hangs = ScriptedTransport::new([text("a"), Step::Hang]);
    let plan = plan().concurrency([2]).time(ms(130_000)).drain(ms(0));
    let report = run_once(plan, hangs).await;
    let metrics = report.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.cancelled), (0, 2, 2));
    assert_eq!(metrics.failures, BTreeMap::from([(FailureKind::Stalled, 2)]));
    let failure = metrics.requests[0].failure().cloned().expect("a failure");
    assert_eq!(failure.message, "nothing came for 120s, the stall timeout");
    assert_eq!(report.elapsed, ms(130_000), "a drain of zero gives up at once");
}

#[tokio::test(start_paused = true)]
async fn the_stall_timeout_can_be_switched_off() {
    let slow = ScriptedTransport::new(
        [text("a"), Step::Wait(ms(500_000)), text("b")].into_iter().chain(ending(10, 2)),
    );
    let plan = plan().concurrency([1]).requests(1).drain(ms(1_000_000)).timeouts(None, None);
    assert_eq!(run_once(plan, slow).await.metrics.completed, 1);
}

#[tokio::test(start_paused = true)]
async fn progress_counts_failures_by_kind_and_cancellations() {
    let refused = ScriptedTransport::new([]).with_head(500, "text/plain");
    let playlist =
        Playlist::new([refused, answer(4, ms(5), ms(5)), ScriptedTransport::new([text("a"), Step::Hang])]);
    let last = Arc::new(Mutex::new(Progress::default()));
    let target = Target::new(backend(), Arc::new(playlist));
    let runner = Runner::new(target, sampler()).with_observer(LastProgress(Arc::clone(&last)));
    let plan = plan().concurrency([2]).requests(3).drain(ms(50)).build().expect("a plan that makes sense");
    runner.run(&plan).await.expect("a run that can happen");
    let last = last.lock().expect("no thread panics with the lock").clone();
    assert_eq!((last.completed, last.failed, last.cancelled, last.in_flight), (1, 1, 1, 0));
    assert_eq!(last.failures, BTreeMap::from([(FailureKind::Status, 1)]));
    assert_eq!(last.silent_for, Duration::ZERO, "nothing is in flight");
    assert!(last.output_tokens_per_s.is_some_and(|speed| speed > 0.0));
}

/// An observer that records the last progress.
struct LastProgress(Arc<Mutex<Progress>>);

impl Observer for LastProgress {
    fn progress(&mut self, progress: &Progress) {
        *self.0.lock().expect("no thread panics with the lock") = progress.clone();
    }
}

#[tokio::test(start_paused = true)]
async fn keep_alives_prevent_a_stall() {
    let comment = [Step::Wait(ms(90)), Step::Bytes(": keep-alive\n\n".into())];
    let steps = std::iter::repeat_n(comment, 5).flatten().chain([text("a")]).chain(ending(10, 1));
    let plan = plan().concurrency([1]).requests(1).timeouts(None, Some(ms(100)));
    let metrics = run_once(plan, ScriptedTransport::new(steps)).await.metrics;
    assert_eq!(metrics.requests[0].ttft(), Some(ms(450)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up() {
    let (failure, ended) = fails(answer(1_000, ms(10), ms(10))).await;
    assert_eq!((failure.kind, ended), (FailureKind::Timeout, after(1_000)));
    assert!(failure.message.contains("1s"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_stalls_too() {
    let (failure, ended) = fails(answer(1, ms(0), ms(0)).headed_after(ms(100_000))).await;
    assert_eq!((failure.kind, ended), (FailureKind::Stalled, after(100)));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_no_short_answer() {
    let (failure, ended) =
        fails(ScriptedTransport::new([Step::Wait(ms(10)), text("a"), Step::Wait(ms(5)), Step::Break])).await;
    assert_eq!((failure.kind, ended), (FailureKind::ConnectionLost, after(15)));
}

#[tokio::test(start_paused = true)]
async fn a_clean_end_that_comes_too_early_is_no_short_answer() {
    let (failure, ended) = fails(ScriptedTransport::new([Step::Wait(ms(10)), text("a")])).await;
    assert_eq!((failure.kind, ended), (FailureKind::Truncated, after(10)));
}

#[tokio::test(start_paused = true)]
async fn garbage_is_malformed() {
    let (failure, _) =
        fails(ScriptedTransport::new([text("a"), Step::Bytes("data: {oops\n\n".into())])).await;
    assert_eq!(failure.kind, FailureKind::Malformed);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_has_its_status_message_and_retry_after() {
    let body = json!({"error": {"message": "slow down"}});
    let script = ScriptedTransport::new([Step::Wait(ms(3)), Step::Bytes(body.to_string().into())]);
    let script = script.with_head(429, "application/json").with_header("retry-after", "2.5");
    let (failure, ended) = fails(script).await;
    assert_eq!(
        (failure.kind, failure.status, failure.retry_after_s),
        (FailureKind::RateLimited, Some(429), Some(2.5))
    );
    assert_eq!((&*failure.message, ended), ("slow down", after(3)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_whose_body_never_ends_is_still_a_refusal() {
    let script =
        ScriptedTransport::new([Step::Bytes("busy".into()), Step::Hang]).with_head(503, "text/plain");
    let (failure, ended) = fails(script).await;
    assert_eq!((failure.status, &*failure.message, ended), (Some(503), "busy", after(100)));
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_good_response_is_a_failure() {
    let error = event(&json!({"error": {"message": "out of memory", "code": 500}}));
    let (failure, ended) =
        fails(ScriptedTransport::new([Step::Wait(ms(10)), text("a"), error, Step::Hang])).await;
    assert_eq!((failure.kind, failure.status, ended), (FailureKind::InBand, Some(500), after(10)));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_credentials_is_never_sent() {
    let (transport, log) = Watched::new(answer(1, ms(1), ms(1)));
    let target = Target::new(backend(), Arc::new(transport)).with_auth(Arc::new(Expired));
    let plan = plan().concurrency([2]).requests(4).build().unwrap();
    let report = Runner::new(target, sampler()).run(&plan).await.unwrap().runs.remove(0);
    assert_eq!(report.metrics.failures, BTreeMap::from([(FailureKind::NotSent, 4)]));
    assert_eq!(log.changes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_an_answer_is_a_result() {
    let refusal = ScriptedTransport::new([Step::Bytes("no".into())]).with_head(500, "text/plain");
    let experiment = run(plan().concurrency([1, 2, 4]).requests(8), refusal).await;
    assert_eq!(experiment.runs.len(), 3);
    for report in &experiment.runs {
        assert_eq!((report.metrics.failed, report.metrics.error_rate()), (8, Some(1.0)));
        assert_eq!(report.metrics.verdict.level, VerdictLevel::Invalid);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_server_is_not_retried_in_a_busy_loop() {
    let report = run_once(plan().concurrency([1]).requests(4), Unreachable).await;
    assert_eq!(report.metrics.failures, BTreeMap::from([(FailureKind::Connect, 4)]));
    let sent: Vec<Offset> = report.metrics.requests.iter().map(RequestMetrics::sent).collect();
    assert_eq!(sent, [after(0), after(10), after(30), after(70)]);
}

#[tokio::test(start_paused = true)]
async fn output_of_a_failure_counts_in_throughput_only() {
    let broken = ScriptedTransport::new([Step::Wait(ms(10)), text("a"), Step::Break]);
    let playlist = Playlist::new([answer(4, ms(20), ms(10)), broken]);
    let metrics = run_once(plan().concurrency([1]).requests(10), playlist).await.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.error_rate()), (5, 5, Some(0.5)));
    let ttft = metrics.distribution(genai_bench_core::metrics::Metric::Ttft).unwrap();
    assert_eq!((ttft.min, ttft.max, ttft.sum), (0.02, 0.02, 0.1));
    // Four tokens in 50 ms, then one in 10 ms: five times.
    assert_eq!(metrics.output_tokens_per_s, Some(25.0 / 0.3));
    assert_eq!(metrics.unfinished.map(|unfinished| unfinished.output_tokens), Some(5.0));
}
