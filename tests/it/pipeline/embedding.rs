//! Experiments inside another program: threads of their own, observers of requests, reports as data.

use std::sync::{Arc, Mutex};

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::{Metric, Observer, RequestRecord};
use serde_json::json;

use super::{plan, run, run_once, runner};
use crate::doubles::{answer, ms, text};

/// The index of a request, and the name of its failure.
type Outcome = (u64, Option<String>);

/// An observer that records the outcome of each request.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Ended {
    fn request_ended(&mut self, record: &RequestRecord) {
        let failure = record.failure.as_ref().map(|failure| failure.kind.to_string());
        self.0.lock().expect("no test panicked").push((record.index, failure));
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_gets_every_request_that_ends() {
    let ended = Ended::default();
    let slow = ScriptedTransport::new([text("a"), Step::Hang]);
    let plan = plan().concurrency([2]).requests(2).drain(ms(0)).time(ms(50)).build().expect("a plan");
    let observed = runner(slow).with_observer(ended.clone()).run(&plan).await.expect("a run");
    let mut ended = ended.0.lock().expect("no test panicked").clone();
    ended.sort();
    let cancelled = Some("cancelled".to_owned());
    assert_eq!(ended, [(0, cancelled.clone()), (1, cancelled)]);
    assert_eq!(observed.runs[0].metrics.cancelled, 2);
}

#[tokio::test]
async fn a_spawned_experiment_ends_when_it_is_stopped() {
    let endless = plan().concurrency([2]).requests(1_000_000).build().expect("a plan");
    let short = plan().concurrency([2]).requests(6).build().expect("a plan");
    let running = runner(answer(2, ms(1), ms(1))).spawn(endless).expect("a thread");
    let other = runner(answer(2, ms(1), ms(1))).spawn(short).expect("a thread");
    assert_eq!(other.await.expect("a run").runs[0].metrics.completed, 6);
    running.stop();
    assert!(running.await.expect("a run").interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_percentile_agrees_with_the_distribution() {
    let metrics = run_once(plan().concurrency([2]).requests(20), answer(4, ms(10), ms(5))).await.metrics;
    let ttft = metrics.ttft().expect("a first token").p99;
    assert_eq!(metrics.percentile(Metric::Ttft, 0.99), Some(ttft));
    assert_eq!(metrics.percentile(Metric::ConnectTime, 0.5), None, "no request opened a connection");
}

#[tokio::test(start_paused = true)]
async fn a_report_is_serializable_and_printable() {
    let experiment = run(plan().concurrency([1]).requests(3), answer(4, ms(10), ms(5))).await;
    let value = serde_json::to_value(&experiment).expect("JSON");
    let report = &value["runs"][0];
    assert_eq!(report["run"]["scenario"], json!(experiment.runs[0].run.scenario_text));
    assert_eq!(report["metrics"]["completed"], json!(3));
    assert_eq!(report["metrics"]["stats"]["ttft"]["p50"], json!(0.01));
    assert_eq!(report["elapsed_s"], json!(experiment.runs[0].elapsed.as_secs_f64()));
    let printed = experiment.to_string();
    assert!(printed.contains("TTFT p50 10.0 ms") && printed.contains("3 completed, 0 failed"), "{printed}");
}
