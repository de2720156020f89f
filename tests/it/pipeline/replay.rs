//! Sessions that start at recorded times.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::clock;
use genai_bench_core::error::Error;
use genai_bench_core::metrics::{RequestMetrics, WindowBasis};
use genai_bench_core::plan::{Plan, PlanBuilder};
use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::replay::{FollowUp, TraceRow};
use genai_bench_core::report::RunReport;
use genai_bench_core::request::{OutputLength, Request, Session, Turn};
use genai_bench_core::rng::Rng;
use genai_bench_core::runner::Runner;

use genai_bench_core::sampler::{ReplaySampler, SampleError, Sampler};

use genai_bench_core::request::SessionSpec;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use genai_bench_core::transport::{Answer, Transport, TransportError};
use genai_bench_core::units::{Offset, Tokens};

use super::run_with;
use crate::doubles::{Log, Watched, answer, backend, ms};

/// A sampler of one request at each of these times.
#[derive(Debug)]
struct At(Vec<u64>);

impl Sampler for At {
    fn sample(&self, spec: &SessionSpec, _: &mut Rng) -> Result<Session, SampleError> {
        let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(4)));
        let arrival = ms(self.0[usize::try_from(spec.index).expect("a few requests")]);
        Ok(Session::single(Turn::new(request, None)).arriving(arrival))
    }

    fn sessions(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

fn plan(at_most: u32) -> PlanBuilder {
    Plan::builder().scenario("dataset").replay(at_most)
}

async fn replay(times_ms: &[u64], plan: PlanBuilder) -> (RunReport, Vec<Duration>, Log) {
    let start = clock::now();
    let (transport, log) = Watched::new(answer(4, ms(100), ms(100)));
    let mut experiment = run_with(Arc::new(At(times_ms.to_vec())), plan, transport).await;
    (experiment.runs.remove(0), log.sent_after(start), log)
}

#[tokio::test(start_paused = true)]
async fn send_times_do_not_depend_on_the_server() {
    let (report, sent, log) = replay(&[0, 10, 10, 350, 1_000], plan(100)).await;
    assert_eq!(sent, [0, 10, 10, 350, 1_000].map(ms));
    assert_eq!(log.changes().iter().map(|it| it.in_flight).max(), Some(4), "none waits for another");
    let metrics = report.metrics;
    assert_eq!((metrics.completed, report.elapsed), (5, ms(1_400)));
    assert!(metrics.requests.iter().all(|it| it.send_lag().is_zero()));
    // The load is what was recorded until the last request has been sent.
    assert_eq!(
        (metrics.window.basis, metrics.window.to),
        (WindowBasis::AllSlotsOpen, Offset::from_duration(ms(1_000)))
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_a_slot_is_late() {
    let (report, sent, log) = replay(&[0, 0, 50], plan(2)).await;
    assert_eq!(sent, [0, 0, 400].map(ms));
    assert_eq!(log.changes().iter().map(|it| it.in_flight).max(), Some(2));
    let lags: Vec<Duration> = report.metrics.requests.iter().map(RequestMetrics::send_lag).collect();
    assert_eq!(lags, [0, 0, 350].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_replay_ends_at_its_limits() {
    let (report, sent, _) = replay(&[0, 100, 200, 300], plan(10).requests(3)).await;
    assert_eq!((sent.len(), report.metrics.completed), (3, 3));
    let (report, sent, _) = replay(&[0, 100, 5_000], plan(10).time(ms(1_000))).await;
    assert_eq!((sent.len(), report.metrics.completed, report.elapsed), (2, 2, ms(1_000)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_a_replay_before_its_next_session() {
    #[derive(Debug)]
    struct Panicking;

    #[async_trait]
    impl Transport for Panicking {
        async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
            panic!("on purpose")
        }
    }

    let start = clock::now();
    let plan = plan(4).build().unwrap();
    let target = Target::new(backend(), Arc::new(Panicking));
    let sampler = Arc::new(At([0, 3_600_000].to_vec()));
    let error = Runner::new(target, sampler).run(&plan).await.unwrap_err();
    assert!(matches!(error, Error::Panicked { .. }), "{error:?}");
    assert!(clock::now().since(start) < ms(3_600_000), "the next session is an hour away");
}

#[tokio::test(start_paused = true)]
async fn rows_of_a_session_follow_the_answer_before_them() {
    let row = |arrival_ms, delay_ms: Option<u64>| TraceRow {
        arrival: ms(arrival_ms),
        input: Tokens(10),
        output: Tokens(4),
        follow_up: delay_ms.map(|delay| FollowUp { delay: ms(delay), is_whole: false }),
        ..TraceRow::default()
    };
    // An answer takes 400 ms.
    let rows = vec![row(0, None), row(0, Some(250)), row(0, Some(0)), row(500, None)];
    let prompts = PromptBuilder::new(Arc::new(Words)).expect("words");
    let sampler = ReplaySampler::new("m", prompts, rows, Tokens(512), 1);
    let start = clock::now();
    let (transport, log) = Watched::new(answer(4, ms(100), ms(100)));
    let mut experiment = run_with(Arc::new(sampler), plan(100), transport).await;
    assert_eq!(log.sent_after(start), [0, 500, 650, 1_050].map(ms));
    assert_eq!(experiment.runs.remove(0).metrics.completed, 4);
}
