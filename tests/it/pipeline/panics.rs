//! A panic in any part of the harness ends the experiment as an error, and what has finished is in the journal.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::error::Error;
use genai_bench_core::experiment::{Folder, JournalEntry};
use genai_bench_core::failure::Failure;
use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::plan::Run;
use genai_bench_core::report::RunReport;
use genai_bench_core::request::{Request, Session};
use genai_bench_core::rng::Rng;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::{SampleError, Sampler};

use genai_bench_core::request::SessionSpec;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::{TokenizeError, Tokenizer};
use genai_bench_core::transport::{Answer, Transport, TransportError};

use super::plan;
use crate::doubles::{answer, backend, ms, sampler, text};
use crate::folder::{journal, metadata};

/// A sampler that panics at session `at`.
#[derive(Debug)]
struct PanickingSampler {
    at: u64,
    inner: Arc<dyn Sampler>,
}

impl Sampler for PanickingSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        assert_ne!(spec.index, self.at, "on purpose");
        self.inner.sample(spec, rng)
    }
}

/// A backend that panics in a given method.
#[derive(Debug)]
struct PanickingBackend {
    encoding: bool,
    inner: Arc<dyn Backend>,
}

impl Backend for PanickingBackend {
    fn name(&self) -> &str {
        self.inner.name()
    }
    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        assert!(!self.encoding, "on purpose");
        self.inner.encode(request)
    }
    fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
        panic!("on purpose")
    }
    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        self.inner.failure(head, body)
    }
}

/// An observer that panics in a given method.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PanickingObserver {
    RunBegan,
    Progress,
    RunEnded,
}

impl Observer for PanickingObserver {
    fn run_began(&mut self, _: &Run) {
        assert_ne!(*self, Self::RunBegan, "on purpose");
    }
    fn progress(&mut self, _: &Progress) {
        assert_ne!(*self, Self::Progress, "on purpose");
    }
    fn run_ended(&mut self, _: &RunReport) {
        assert_ne!(*self, Self::RunEnded, "on purpose");
    }
}

/// A tokenizer that panics when it counts.
#[derive(Debug)]
struct PanickingTokenizer;

impl Tokenizer for PanickingTokenizer {
    fn name(&self) -> &str {
        "panicking"
    }
    fn encode(&self, _: &str) -> Result<Vec<u32>, TokenizeError> {
        panic!("on purpose")
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        panic!("on purpose")
    }
    fn fingerprint(&self) -> String {
        "none".to_owned()
    }
    fn words(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A transport that panics at request `at`.
#[derive(Debug)]
struct PanickingTransport {
    at: usize,
    sent: AtomicUsize,
    inner: ScriptedTransport,
}

#[async_trait]
impl Transport for PanickingTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        assert_ne!(number, self.at, "on purpose");
        self.inner.send(request).await
    }
}

fn target() -> Target {
    Target::new(backend(), Arc::new(answer(1, ms(1), ms(0))))
}

/// Returns the part and the message of the panic that ends a run of 600 requests in two slots.
async fn panic_of(runner: Runner) -> (&'static str, String) {
    let plan = plan().concurrency([2]).requests(600).build().expect("a plan that makes sense");
    match runner.run(&plan).await {
        Err(Error::Panicked { part, message }) => (part, message),
        other => panic!("{other:?}"),
    }
}

/// Returns the number of requests in the only journal of `folder`, and `true` if the journal has its last line.
fn recorded(folder: &Path) -> (usize, bool) {
    let path = Folder::open(folder).expect("an experiment").0.journals().expect("journals").remove(0);
    let entries = journal(&path);
    let requests = entries.iter().filter(|entry| matches!(entry, JournalEntry::Request(_))).count();
    (requests, matches!(entries.last(), Some(JournalEntry::End(_))))
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_sampler_preserves_finished_requests() {
    let folder = tempfile::tempdir().unwrap();
    let sampler = Arc::new(PanickingSampler { at: 400, inner: sampler() });
    let writing = Folder::create(folder.path(), &metadata()).unwrap();
    let (part, message) = panic_of(Runner::new(target(), sampler).with_folder(writing)).await;
    assert!(part == "sampler" && message.contains("on purpose"), "{part} {message}");
    assert_eq!(recorded(folder.path()), (400, false));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_sampler_before_the_start_is_an_error() {
    let sampler = Arc::new(PanickingSampler { at: 3, inner: sampler() });
    assert_eq!(panic_of(Runner::new(target(), sampler)).await.0, "sampler");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_sampler_in_the_preflight_is_an_error() {
    let sampler = Arc::new(PanickingSampler { at: 0, inner: sampler() });
    let plan = plan().concurrency([2]).requests(6).build().unwrap();
    let error = Runner::new(target(), sampler).preflight(&plan, 0).await.unwrap_err();
    assert!(matches!(error, Error::Panicked { part: "sampler", .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_backend_is_an_error() {
    for (encoding, part) in [(true, "encoding of requests"), (false, "sending of requests")] {
        let backend = Arc::new(PanickingBackend { encoding, inner: backend() });
        let target = Target::new(backend, Arc::new(answer(1, ms(1), ms(0))));
        let found = panic_of(Runner::new(target, sampler())).await;
        assert_eq!((found.0, &*found.1), (part, "on purpose"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_transport_preserves_finished_requests() {
    let folder = tempfile::tempdir().unwrap();
    let writing = Folder::create(folder.path(), &metadata()).unwrap();
    let transport = PanickingTransport { at: 300, sent: AtomicUsize::new(0), inner: answer(1, ms(1), ms(0)) };
    let target = Target::new(backend(), Arc::new(transport));
    let (part, _) = panic_of(Runner::new(target, sampler()).with_folder(writing)).await;
    assert_eq!((part, recorded(folder.path())), ("sending of requests", (300, false)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_observer_is_an_error() {
    use PanickingObserver::{Progress, RunBegan, RunEnded};
    for observer in [RunBegan, Progress, RunEnded] {
        let folder = tempfile::tempdir().unwrap();
        let writing = Folder::create(folder.path(), &metadata()).unwrap();
        let runner = Runner::new(target(), sampler()).with_folder(writing).with_observer(observer);
        assert_eq!(panic_of(runner).await.0, "observer", "{observer:?}");
        let (requests, has_end) = recorded(folder.path());
        assert_eq!(has_end, observer == RunEnded);
        assert!(requests == 600 || observer != RunEnded);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_tokenizer_after_a_run_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let writing = Folder::create(folder.path(), &metadata()).unwrap();
    let uncounted = ScriptedTransport::new([text("two words"), Step::Bytes("data: [DONE]\n\n".into())]);
    let target = Target::new(backend(), Arc::new(uncounted));
    let runner = Runner::new(target, sampler()).with_tokenizer(Arc::new(PanickingTokenizer));
    let found = panic_of(runner.with_folder(writing)).await;
    assert_eq!((found.0, &*found.1), ("counting of tokens", "on purpose"));
    assert_eq!(recorded(folder.path()), (600, true), "the journal is whole: it can be rebuilt");
}
