//! The load of a closed loop.

use std::collections::BTreeMap;
use std::time::Duration;

use genai_bench_core::clock::{self, Instant};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::metrics::{Metric, VerdictLevel, WindowBasis};
use genai_bench_core::units::Offset;

use super::{plan, run, run_once};
use crate::doubles::{Change, Playlist, Watched, answer, ms};

/// Returns the number of requests in flight after each change.
fn in_flight(changes: &[Change]) -> BTreeMap<Instant, usize> {
    changes.iter().map(|it| (it.at, it.in_flight)).collect()
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_exact_at_all_times() {
    const SLOTS: usize = 7;
    // Answers of many lengths, so that slots do not move in step.
    let playlist = Playlist::new([3, 17, 5, 29, 2, 11].map(|it| answer(4, ms(it), ms(it))));
    let (transport, log) = Watched::new(playlist);
    let metrics = run_once(plan().concurrency([7]).requests(100), transport).await.metrics;
    let changes = log.changes();
    assert!(changes.iter().all(|it| it.in_flight <= SLOTS));
    let last_sent = changes.iter().rfind(|it| it.sent.is_some()).unwrap().at;
    let until_then: Vec<usize> = in_flight(&changes).range(..=last_sent).map(|it| *it.1).collect();
    assert!(until_then.len() > 50, "slots move in step");
    assert!(until_then.iter().all(|it| *it == SLOTS), "{until_then:?}");
    // The window is the time in which that was so.
    assert_eq!((metrics.window.basis, metrics.window.from), (WindowBasis::AllSlotsOpen, Offset::ZERO));
    assert!(metrics.requests.iter().all(|it| it.send_lag().is_zero()));
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_requests_is_exact() {
    for (slots, limit) in [(1, 1), (7, 20), (8, 3), (20, 20), (3, 256)] {
        let (transport, log) = Watched::new(Playlist::new([5, 7, 11].map(|it| answer(2, ms(it), ms(1)))));
        let metrics = run_once(plan().concurrency([slots]).requests(limit), transport).await.metrics;
        assert_eq!((metrics.finished(), metrics.cancelled), (limit, 0), "{limit} at {slots}");
        assert_eq!(log.bodies().len() as u64, limit);
    }
}

#[tokio::test(start_paused = true)]
async fn throughput_is_over_the_time_in_which_all_slots_were_busy() {
    // 50 ms each: two slots do 40 a second, with 4 tokens in each answer and 10 in each prompt.
    let report = run_once(plan().concurrency([2]).requests(20), answer(4, ms(20), ms(10))).await;
    let metrics = report.metrics;
    assert_eq!((report.elapsed, metrics.window.duration()), (ms(500), ms(500)));
    assert_eq!(metrics.requests_per_s, Some(40.0));
    assert_eq!(metrics.output_tokens_per_s, Some(160.0));
    assert_eq!(metrics.input_tokens_per_s, Some(400.0));
    assert_eq!(metrics.total_tokens_per_s, Some(560.0));
    let itl = metrics.itl.unwrap();
    assert_eq!((itl.count, itl.bundled_share), (60, 0.0));
}

#[tokio::test(start_paused = true)]
async fn slots_open_at_the_spawn_rate() {
    let start = clock::now();
    let (transport, log) = Watched::new(answer(2, ms(1_000), ms(500)));
    let plan = plan().concurrency([4]).requests(16).spawn_rate(10.0);
    let metrics = run_once(plan, transport).await.metrics;
    let sent: Vec<Duration> = log.sent_after(start);
    let opened = [0, 100, 200, 300].map(ms);
    let rounds = [0, 1_500, 3_000, 4_500].map(|round| opened.map(|slot| slot + ms(round)));
    assert_eq!(sent, rounds.concat());
    assert_eq!(metrics.window.from, Offset::from_duration(ms(300)), "the ramp is outside");
    assert!(metrics.requests.iter().all(|it| it.send_lag().is_zero()), "a slot is due when it opens");
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_wait_for_idle_slots() {
    // Nine more slots would open, one every 100 ms, but the first one does it all.
    let plan = plan().concurrency([10]).requests(3).spawn_rate(10.0);
    let report = run_once(plan, answer(1, ms(20), ms(0))).await;
    assert_eq!((report.metrics.completed, report.elapsed), (3, ms(60)));
}

#[tokio::test(start_paused = true)]
async fn warm_up_and_cool_down_are_left_out() {
    // Ten answers one after the other, of 10 ms, 20 ms, … 100 ms to their only token.
    let playlist = Playlist::new((1..=10).map(|it| answer(1, ms(it * 10), ms(0))));
    let metrics = run_once(plan().concurrency([1]).requests(10).trim(0.2, 0.3), playlist).await.metrics;
    let ttft = metrics.distribution(Metric::Ttft).unwrap();
    assert_eq!((ttft.min, ttft.max), (0.03, 0.07));
    // From the end of the second to the end of the seventh: 10 + 20 = 30, 10 + … + 70 = 280.
    let at = |milliseconds| Offset::from_duration(ms(milliseconds));
    assert_eq!((metrics.window.from, metrics.window.to), (at(30), at(280)));
    assert_eq!(metrics.requests_per_s, Some(5.0 / 0.25));
    assert_eq!(metrics.output_tokens_per_s, Some(5.0 / 0.25));
    assert_eq!((metrics.completed, metrics.requests.len()), (10, 10), "they are counted all the same");
}

#[tokio::test(start_paused = true)]
async fn a_sweep_is_one_run_after_the_other() {
    let start = clock::now();
    let (transport, log) = Watched::new(answer(1, ms(100), ms(0)));
    let experiment = run(plan().concurrency([1, 2, 4]).requests(4), transport).await;
    let levels: Vec<u32> = experiment.runs.iter().map(|it| it.run.level.value()).collect();
    let elapsed: Vec<Duration> = experiment.runs.iter().map(|it| it.elapsed).collect();
    assert_eq!((levels, elapsed), (vec![1, 2, 4], vec![ms(400), ms(200), ms(100)]));
    let sent = log.sent_after(start);
    assert_eq!(sent, [0, 100, 200, 300, 400, 400, 500, 500, 600, 600, 600, 600].map(ms));
    assert!(!experiment.interrupted);
}

#[tokio::test(start_paused = true)]
async fn the_sample_size_excludes_warm_up_and_cool_down() {
    let report =
        run_once(plan().concurrency([1]).requests(100).trim(0.45, 0.45), answer(1, ms(10), ms(0))).await;
    let verdict = report.metrics.verdict;
    let check = verdict.checks.iter().find(|it| it.name == "sample_size").unwrap();
    assert_eq!(
        (check.level, &*check.finding),
        (VerdictLevel::Degraded, "10 answers are too few for percentiles")
    );
}

#[tokio::test(start_paused = true)]
async fn unstreamed_answers_count_as_a_whole_in_the_window() {
    let body = r#"{"choices": [{"message": {"content": "x"}}], "usage": {"completion_tokens": 7}}"#;
    let script = ScriptedTransport::new([Step::Wait(ms(13)), Step::Bytes(body.into())])
        .with_head(200, "application/json");
    let metrics = run_once(plan().concurrency([1]).requests(1), script).await.metrics;
    assert_eq!(metrics.output_tokens_per_s, Some(7.0 / 0.013));
}
