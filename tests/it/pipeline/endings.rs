//! Ends of runs: limits, drain bounds and stops.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::experiment::{Folder, JournalEntry, RunEnd};
use genai_bench_core::metrics::RunEnding;
use genai_bench_core::plan::PlanBuilder;
use genai_bench_core::report::Experiment;
use genai_bench_core::transport::{Answer, Transport, TransportError};

use tokio::sync::Notify;

use super::{plan, run_once, runner};
use crate::doubles::{Playlist, Watched, answer, ms, text};
use crate::folder::{journal, metadata};

#[tokio::test(start_paused = true)]
async fn requests_in_flight_at_the_time_limit_may_finish() {
    let (transport, log) = Watched::new(answer(1, ms(100), ms(0)));
    let report = run_once(plan().concurrency([2]).time(ms(250)), transport).await;
    assert_eq!((report.metrics.completed, report.metrics.cancelled, report.elapsed), (6, 0, ms(300)));
    assert_eq!(log.bodies().len(), 6, "nothing is sent after the limit");
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_drain_bound_are_cancelled() {
    let slow = ScriptedTransport::new([text("a"), Step::Hang]);
    let playlist = Playlist::new([answer(1, ms(10), ms(0)), slow.clone(), slow]);
    let report = run_once(plan().concurrency([2]).time(ms(100)).drain(ms(50)), playlist).await;
    let metrics = report.metrics;
    assert_eq!((metrics.completed, metrics.failed, metrics.cancelled), (1, 0, 2));
    assert_eq!(metrics.error_rate(), Some(0.0));
    assert!(metrics.failures.is_empty() && metrics.error_codes.is_empty());
    assert_eq!(report.elapsed, ms(150));
}

#[tokio::test(start_paused = true)]
async fn the_drain_bound_holds_for_a_limit_of_requests_too() {
    // The first slot is done after 30 ms; the other one hangs.
    let playlist = Playlist::new([ScriptedTransport::new([Step::Hang]), answer(1, ms(10), ms(0))]);
    let playlist_of_four = plan().concurrency([2]).requests(2).drain(ms(70));
    let report = run_once(playlist_of_four, playlist).await;
    assert_eq!((report.metrics.completed, report.metrics.cancelled), (1, 1));
    assert_eq!(report.elapsed, ms(10 + 70));
}

#[tokio::test(start_paused = true)]
async fn whichever_limit_comes_first_ends_the_run() {
    let by_time = plan().concurrency([1]).requests(100).time(ms(250));
    assert_eq!(run_once(by_time, answer(1, ms(100), ms(0))).await.metrics.completed, 3);
    let by_count = plan().concurrency([1]).requests(2).time(ms(250));
    assert_eq!(run_once(by_count, answer(1, ms(100), ms(0))).await.elapsed, ms(200));
}

/// A transport that stops the experiment when request `number` (from 1) is sent.
#[derive(Debug)]
struct StopsAt {
    number: usize,
    sent: AtomicUsize,
    stop: Arc<Notify>,
    inner: ScriptedTransport,
}

#[async_trait]
impl Transport for StopsAt {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        if self.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.number {
            self.stop.notify_one();
        }
        self.inner.send(request).await
    }
}

async fn stopped_at(number: usize, plan: PlanBuilder) -> (Experiment, RunEnd) {
    let stop = Arc::new(Notify::new());
    let inner = answer(1, ms(100), ms(0));
    let transport = StopsAt { number, sent: AtomicUsize::new(0), stop: Arc::clone(&stop), inner };
    let stopped = async move { stop.notified().await };
    let runner = runner(transport).with_graceful_shutdown(stopped);
    let plan = plan.build().expect("a plan that makes sense");
    let folder = tempfile::tempdir().expect("a folder for the test");
    let writing = Folder::create(folder.path(), &metadata()).expect("a folder that can be written");
    let experiment = runner.with_folder(writing).run(&plan).await.expect("a run that can happen");
    (experiment, last_line(folder.path()))
}

/// Returns the ending of the first run in `folder`.
fn last_line(folder: &Path) -> RunEnd {
    let path = Folder::open(folder).expect("an experiment").0.journals().expect("journals").remove(0);
    match journal(&path).pop() {
        Some(JournalEntry::End(end)) => end,
        other => panic!("{other:?} at the end"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_saves_finished_requests_and_starts_no_run() {
    let (experiment, end) = stopped_at(5, plan().concurrency([2, 4]).requests(100)).await;
    assert!(experiment.interrupted);
    let [report] = &experiment.runs[..] else { panic!("{} runs", experiment.runs.len()) };
    // Four are answered after 200 ms, when the fifth is sent.
    assert_eq!((report.metrics.completed, report.metrics.failed), (4, 0));
    assert!((1..=2).contains(&report.metrics.cancelled));
    assert_eq!(report.elapsed, ms(200));
    assert_eq!((end.interrupted, end.facts.ending), (true, RunEnding::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_slots_that_have_not_opened() {
    let (experiment, _) = stopped_at(1, plan().concurrency([10]).requests(100).spawn_rate(1.0)).await;
    assert_eq!(experiment.runs[0].elapsed, ms(0));
}

#[tokio::test(start_paused = true)]
async fn an_experiment_that_is_stopped_before_it_starts_has_no_runs() {
    let runner = runner(answer(1, ms(1), ms(0))).with_graceful_shutdown(async {});
    let experiment = runner.run(&plan().concurrency([1]).requests(1).build().unwrap()).await.unwrap();
    assert!(experiment.interrupted && experiment.runs.is_empty());
}
