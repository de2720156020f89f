//! Bodies that go on after the end of their answers.

use genai_bench_core::conformance::{Scripted, Step};
use genai_bench_core::metrics::Metric;
use genai_bench_core::units::{Offset, Tokens};
use serde_json::json;

use super::{plan, run_once};
use crate::doubles::{answer, ending, event, ms, text};

/// An answer of one token after 100 ms, and then `rest`.
fn answered_and(rest: impl IntoIterator<Item = Step>) -> Scripted {
    let answer = [Step::Wait(ms(100)), text("word")].into_iter().chain(ending(10, 1));
    Scripted::new(answer.chain(rest))
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_with_its_end_mark_however_long_the_body_goes_on() {
    let patient = plan().concurrency([1]).requests(10).timeouts(Some(ms(150)), Some(ms(120)));
    let report = run_once(patient, answered_and([Step::Hang])).await;
    let metrics = &report.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.connections.left_open), (10, 0, 10));
    // The end of the first three bodies is awaited.
    assert_eq!(report.elapsed, ms(10 * 100 + 3 * 100));
    for request in &metrics.requests {
        let lasted = request.ended().since(request.sent());
        assert_eq!(lasted, Some(ms(100)), "the time until the end of the body is no time of the answer");
    }
    assert_eq!(metrics.distribution(Metric::E2eLatency).map(|it| it.max), Some(0.1));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_a_little_later_keeps_its_connection() {
    let report = run_once(plan().concurrency([1]).requests(10), answered_and([Step::Wait(ms(40))])).await;
    assert_eq!((report.metrics.completed, report.metrics.connections.left_open), (10, 0));
    assert_eq!(report.elapsed, ms(10 * 140));
    let ended = report.metrics.requests[0].ended();
    assert_eq!(ended, Offset::from_duration(ms(100)));
}

#[tokio::test(start_paused = true)]
async fn one_body_left_open_among_others_does_not_end_the_waiting() {
    let bodies = [answer(1, ms(100), ms(0)), answered_and([Step::Hang]), answered_and([Step::Hang])];
    let playlist = crate::doubles::Playlist::new(bodies);
    let report = run_once(plan().concurrency([1]).requests(9), playlist).await;
    assert_eq!((report.metrics.completed, report.metrics.connections.left_open), (9, 6));
    assert_eq!(report.elapsed, ms(9 * 100 + 6 * 100));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_after_the_answer_fails_nothing() {
    let report = run_once(plan().concurrency([1]).requests(2), answered_and([Step::Break])).await;
    assert_eq!((report.metrics.completed, report.metrics.failed), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn counts_behind_the_end_mark_are_read_and_text_is_not() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 7}});
    let late = [Step::Wait(ms(20)), event(&usage), text("more"), Step::Hang];
    let answer = [Step::Wait(ms(100)), text("word"), Step::Bytes("data: [DONE]\n\n".into())];
    let script = Scripted::new(answer.into_iter().chain(late));
    let report = run_once(plan().concurrency([1]).requests(1), script).await;
    let request = &report.metrics.requests[0];
    assert_eq!(request.tokens().output, Some(Tokens(7)));
    assert_eq!(request.ended(), Offset::from_duration(ms(100)));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_meanwhile_cancels_no_complete_answer() {
    let plan = plan().concurrency([1]).time(ms(90)).drain(ms(30));
    let report = run_once(plan, answered_and([Step::Hang])).await;
    assert_eq!((report.metrics.completed, report.metrics.cancelled), (1, 0));
}
