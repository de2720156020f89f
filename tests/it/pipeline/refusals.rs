//! Backoff and early ends with servers that are down or refuse every request.

use std::sync::Arc;
use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::experiment::{Folder, JournalEntry};
use genai_bench_core::failure::FailureKind;
use genai_bench_core::metrics::RunEnding;
use genai_bench_core::report::StopCause;
use genai_bench_core::runner::Runner;
use genai_bench_core::target::Target;
use genai_bench_core::transport::Transport;
use serde_json::json;

use super::{plan, run, run_once};
use crate::doubles::{Expired, Playlist, Unreachable, answer, backend, event, ms, sampler, text};
use crate::folder::{journal, metadata};

fn refused(status: u16) -> ScriptedTransport {
    ScriptedTransport::new([Step::Bytes("no".into())]).with_head(status, "text/plain")
}

/// Returns the times between the requests of one slot.
async fn pauses(requests: u64, transport: impl Transport) -> Vec<Duration> {
    let metrics = run_once(plan().concurrency([1]).requests(requests), transport).await.metrics;
    let times = metrics.requests.windows(2);
    times.map(|pair| pair[1].sent().since(pair[0].ended()).expect("one after the other")).collect()
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_refusal_is_followed_by_a_longer_pause() {
    let doubling = [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000].map(ms);
    for status in [400, 401, 403, 404, 429, 500, 503] {
        assert_eq!(pauses(10, refused(status)).await, doubling, "{status}");
    }
    let error = || event(&json!({"error": {"message": "no", "code": 500}}));
    let without_output = [
        ("connection lost", ScriptedTransport::new([Step::Break])),
        ("in-band error", ScriptedTransport::new([error()])),
        ("empty answer", ScriptedTransport::new([Step::Bytes("data: [DONE]\n\n".into())])),
        ("truncated", ScriptedTransport::new([])),
        ("malformed", ScriptedTransport::new([Step::Bytes("data: {oops\n\n".into())])),
    ];
    for (kind, script) in without_output {
        assert_eq!(pauses(10, script).await, doubling, "{kind}");
    }
    assert_eq!(pauses(10, Unreachable).await, doubling);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_sent_is_followed_by_a_pause() {
    let target = Target::new(backend(), Arc::new(answer(1, ms(1), ms(1)))).with_auth(Arc::new(Expired));
    let plan = plan().concurrency([1]).requests(4).build().unwrap();
    let report = Runner::new(target, sampler()).run(&plan).await.unwrap().runs.remove(0);
    assert_eq!(report.elapsed, ms(10 + 20 + 40 + 80));
}

#[tokio::test(start_paused = true)]
async fn slow_failures_are_followed_by_no_pause() {
    let broken = ScriptedTransport::new([text("a"), Step::Break]);
    assert_eq!(pauses(4, broken).await, [ms(0); 3]);
    for hangs in [ScriptedTransport::new([Step::Hang]), ScriptedTransport::new([text("a"), Step::Hang])] {
        let plan = plan().concurrency([1]).requests(3).timeouts(None, Some(ms(100)));
        assert_eq!(run_once(plan, hangs).await.elapsed, ms(300));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_resets_the_pause() {
    let playlist = Playlist::new([refused(503), refused(503), answer(1, ms(5), ms(0))]);
    assert_eq!(pauses(6, playlist).await, [10, 20, 0, 10, 20].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_ends_the_experiment() {
    for transport in
        [refused(401), refused(403), refused(404), refused(503), ScriptedTransport::new([Step::Break])]
    {
        let experiment = run(plan().concurrency([1, 2, 4]).requests(8), transport).await;
        let stopped = experiment.stopped.expect("a reason");
        assert_eq!((experiment.runs.len(), stopped.runs_not_started), (1, 2));
        assert_eq!(stopped.cause, StopCause::ServerGone);
        assert!(stopped.last_failure.is_some());
        assert_eq!(experiment.runs[0].metrics.failed, 8, "the run itself goes to its end");
        assert!(!experiment.interrupted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_away_in_a_run_ends_the_experiment() {
    let scripts = (0..20).map(|number| if number < 10 { answer(1, ms(5), ms(0)) } else { refused(503) });
    let experiment = run(plan().concurrency([1, 2]).requests(20), Playlist::new(scripts)).await;
    assert_eq!(experiment.stopped.map(|it| it.cause), Some(StopCause::ServerGone));
    let nine = (0..20).map(|number| if number < 11 { answer(1, ms(5), ms(0)) } else { refused(503) });
    let experiment = run(plan().concurrency([1, 2]).requests(20), Playlist::new(nine)).await;
    assert_eq!((experiment.stopped, experiment.runs.len()), (None, 2), "nine may be an overload");
}

#[tokio::test(start_paused = true)]
async fn an_experiment_that_keeps_going_has_every_run() {
    let experiment = run(plan().concurrency([1, 2, 4]).requests(8).keep_going(), Unreachable).await;
    assert_eq!((experiment.runs.len(), experiment.stopped), (3, None));
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_last_run_do_not_stop_the_experiment() {
    let experiment = run(plan().concurrency([1]).requests(8), Unreachable).await;
    assert_eq!((experiment.runs.len(), experiment.stopped), (1, None));
}

#[tokio::test(start_paused = true)]
async fn a_run_with_too_many_errors_ends_early() {
    let folder = tempfile::tempdir().unwrap();
    let writing = Folder::create(folder.path(), &metadata()).unwrap();
    let hangs = ScriptedTransport::new([text("a"), Step::Hang]);
    let scripts = std::iter::once(hangs).chain((0..100).map(|_| refused(500)));
    let target = Target::new(backend(), Arc::new(Playlist::new(scripts)));
    let plan = plan().concurrency([2, 4]).time(ms(3_600_000)).max_error_rate(0.5).build().unwrap();
    let experiment = Runner::new(target, sampler()).with_folder(writing).run(&plan).await.unwrap();
    let stopped = experiment.stopped.expect("a reason");
    assert_eq!((stopped.cause, stopped.runs_not_started), (StopCause::TooManyErrors, 1));
    assert_eq!(stopped.last_failure.map(|it| it.kind), Some(FailureKind::Status));
    let metrics = &experiment.runs[0].metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.cancelled), (0, 20, 1));
    let path = Folder::open(folder.path()).unwrap().0.journals().unwrap().remove(0);
    let Some(JournalEntry::End(end)) = journal(&path).pop() else { panic!("no end") };
    assert_eq!((end.facts.ending, end.interrupted), (RunEnding::TooManyErrors, false));
}

#[tokio::test(start_paused = true)]
async fn a_run_of_known_length_ends_when_it_cannot_recover() {
    let half = Playlist::new([refused(500), answer(1, ms(5), ms(0))]);
    // The 30th of 100 finished requests is the 15th that fails; the 31st that fails is the 61st.
    let experiment =
        run(plan().concurrency([1, 2]).requests(100).max_error_rate(0.3).keep_going(), half).await;
    let finished: Vec<u64> = experiment.runs.iter().map(|it| it.metrics.finished()).collect();
    assert_eq!(finished[0], 61);
    assert_eq!((finished.len(), experiment.stopped), (2, None));
}
