//! Sessions of several turns.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider};
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::clock;
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::failure::Failure;
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::PlanBuilder;
use genai_bench_core::report::RunReport;
use genai_bench_core::request::Request;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::{History, MultiTurnSampler, Turns};

use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use serde_json::Value;

use super::{plan, run_with};
use crate::doubles::{Log, Playlist, Watched, answer, backend, ms, one_word};

async fn chats(
    history: History,
    count: RangeInclusive<u32>,
    plan: PlanBuilder,
    answers: impl IntoIterator<Item = ScriptedTransport>,
) -> (RunReport, Log) {
    let turns = Turns { count, think: ms(1_000), history };
    let prompts = PromptBuilder::new(Arc::new(Words)).expect("the built-in tokenizer has words");
    let sampler = MultiTurnSampler::new("m", prompts, turns).expect("turns that make sense");
    let (transport, log) = Watched::new(Playlist::new(answers));
    let mut experiment = run_with(Arc::new(sampler), plan, transport).await;
    (experiment.runs.remove(0), log)
}

/// Returns the role and text of each message of a request.
fn messages(body: &Value) -> Vec<(String, String)> {
    let list = body["messages"].as_array().expect("messages are a list");

    list.iter()
        .map(|message| (field(message, "role").expect("a role"), field(message, "content").expect("text")))
        .collect()
}

fn field(message: &Value, name: &str) -> Option<String> {
    message[name].as_str().map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn the_reply_is_put_into_the_next_turn() {
    let plan = plan().concurrency([1]).sessions(1);
    let (_, log) =
        chats(History::Live, 3..=3, plan, [one_word("first"), one_word("second"), one_word("third")]).await;
    let bodies = log.bodies();
    let [first, second, third] = &bodies[..] else { panic!("{} requests", bodies.len()) };
    assert_eq!(messages(second)[0], messages(first)[0]);
    assert_eq!(messages(second)[1], ("assistant".to_owned(), "first".to_owned()));
    assert_eq!(messages(third)[..3], messages(second)[..3]);
    assert_eq!((&*messages(third)[3].1, messages(third).len()), ("second", 5));
}

/// A backend and auth provider that record the threads on which they encode and prepare requests.
#[derive(Clone, Debug)]
struct Threads {
    inner: Arc<dyn Backend>,
    seen: Arc<Mutex<Vec<(&'static str, ThreadId)>>>,
}

impl Threads {
    fn note(&self, what: &'static str) {
        self.seen.lock().expect("no thread panics with the lock").push((what, std::thread::current().id()));
    }
}

impl Backend for Threads {
    fn name(&self) -> &str {
        self.inner.name()
    }
    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        self.note("encode");
        self.inner.encode(request)
    }
    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        self.inner.decoder(request, head)
    }
    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        self.inner.failure(head, body)
    }
}

#[async_trait]
impl AuthProvider for Threads {
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        self.note("prepare");
        request.extensions_mut().insert("prepared");
    }
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        assert_eq!(request.extensions().get(), Some(&"prepared"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_not_encoded_on_the_timestamping_thread() {
    let threads = Threads { inner: backend(), seen: Arc::default() };
    for history in [History::Live, History::Recorded] {
        let turns = Turns { count: 3..=3, think: ms(0), history };
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let sampler = Arc::new(MultiTurnSampler::new("m", prompts, turns).unwrap());
        let target = Target::new(Arc::new(threads.clone()), Arc::new(answer(1, ms(5), ms(0))));
        let target = target.with_auth(Arc::new(threads.clone()));
        let plan = plan().concurrency([1]).sessions(2).build().unwrap();
        let report = Runner::new(target, sampler).run(&plan).await.unwrap().runs.remove(0);
        assert_eq!((report.metrics.completed, report.elapsed), (6, ms(30)), "encoding takes no time here");
    }
    let seen = threads.seen.lock().unwrap();
    assert_eq!(seen.len(), 2 * 6 * 2, "each request is encoded once and prepared once");
    let here = std::thread::current().id();
    assert!(seen.iter().all(|(_, thread)| *thread != here), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_recorded_history_does_not_depend_on_answers() {
    let plan = || plan().concurrency([1]).sessions(2).seed(7);
    let (_, one) = chats(History::Recorded, 2..=2, plan(), [one_word("this")]).await;
    let (_, other) = chats(History::Recorded, 2..=2, plan(), [one_word("that")]).await;
    assert_eq!(one.bodies(), other.bodies());
    assert_eq!(messages(&one.bodies()[1]).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_due_after_its_think_time() {
    let start = clock::now();
    let plan = plan().concurrency([1]).sessions(2);
    let (report, log) = chats(History::Live, 2..=2, plan, [answer(1, ms(100), ms(0))]).await;
    // A turn of 100 ms, a second of thought, a turn; then the next session at once.
    assert_eq!(log.sent_after(start), [0, 1_100, 1_200, 2_300].map(ms));
    assert!(report.metrics.requests.iter().all(|it| it.send_lag().is_zero()), "thinking is no lag");
    let turns: Vec<(u32, u64)> = report.metrics.turns.iter().map(|it| (it.turn, it.answered)).collect();
    assert_eq!(turns, [(0, 2), (1, 2)]);
    assert_eq!(report.metrics.turns[1].stats[&Metric::Ttft].mean, 0.1);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_requests_counts_turns() {
    for limit in [1, 2, 5, 7] {
        let plan = plan().concurrency([2]).requests(limit);
        let (report, log) = chats(History::Live, 3..=3, plan, [answer(1, ms(10), ms(0))]).await;
        assert_eq!((report.metrics.finished(), log.bodies().len() as u64), (limit, limit));
    }
}

#[tokio::test(start_paused = true)]
async fn no_turn_is_sent_after_the_time_limit() {
    let plan = plan().concurrency([1]).time(Duration::from_millis(1_500));
    let (report, log) = chats(History::Live, 4..=4, plan, [answer(1, ms(600), ms(0))]).await;
    // The first turn ends at 600, the second would be sent at 1,600.
    assert_eq!((report.metrics.completed, log.bodies().len()), (1, 1));
    assert_eq!(report.elapsed, ms(1_500), "there is no think time");
}

#[tokio::test(start_paused = true)]
async fn started_sessions_finish_when_the_sampler_is_exhausted() {
    // Thinking takes longer than a run drains: but a session that goes on is no session that hangs.
    let plan = plan().concurrency([2]).sessions(3).drain(ms(1_200));
    let (report, _) = chats(History::Live, 5..=5, plan, [answer(1, ms(100), ms(0))]).await;
    assert_eq!((report.metrics.completed, report.metrics.cancelled), (15, 0));
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_with_a_turn_that_fails() {
    let refused = ScriptedTransport::new([]).with_head(500, "application/json");
    let plan = plan().concurrency([1]).sessions(2);
    let (report, log) = chats(History::Live, 3..=3, plan, [answer(1, ms(10), ms(0)), refused]).await;
    assert_eq!((report.metrics.completed, report.metrics.failed, log.bodies().len()), (2, 2, 4));
}
