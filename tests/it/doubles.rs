//! Test doubles: scripted answers of a server, and transports that record requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::auth::{AuthError, AuthProvider};
use genai_bench_core::backend::Backend;
use genai_bench_core::clock::{self, Instant};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::sampler::{Sampler, TextSampler};
use genai_bench_core::tokenizer::Words;
use genai_bench_core::transport::{Answer, Transport, TransportError};
use serde_json::{Value, json};

pub(crate) fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

pub(crate) fn backend() -> Arc<dyn Backend> {
    let base = "http://localhost:8000".parse().expect("a plain URL is a base URL");
    Arc::new(OpenAi::new(base, Dialect::openai()))
}

pub(crate) fn sampler() -> Arc<dyn Sampler> {
    Arc::new(TextSampler::new("m", Arc::new(Words)).expect("the built-in tokenizer has words"))
}

/// Returns one event of a streamed answer.
pub(crate) fn event(data: &Value) -> Step {
    Step::Bytes(format!("data: {data}\n\n").into())
}

/// Returns an event with a piece of the answer.
pub(crate) fn text(piece: &str) -> Step {
    event(&json!({"choices": [{"index": 0, "delta": {"content": piece}}]}))
}

/// Returns an event with a piece of the reasoning before the answer.
pub(crate) fn reasoning(piece: &str) -> Step {
    event(&json!({"choices": [{"index": 0, "delta": {"reasoning_content": piece}}]}))
}

/// Returns an answer of one word.
pub(crate) fn one_word(word: &'static str) -> ScriptedTransport {
    ScriptedTransport::new([text(word)].into_iter().chain(ending(10, 1)))
}

/// Returns the end of a successful answer of `output` tokens: the finish reason, the counts, and the end of the stream.
pub(crate) fn ending(input: u64, output: u64) -> [Step; 3] {
    let reason = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": input, "completion_tokens": output}});
    [event(&reason), event(&usage), Step::Bytes("data: [DONE]\n\n".into())]
}

/// Returns an answer of `tokens` tokens: the first after `first`, each further one `gap` later.
pub(crate) fn answer(tokens: u32, first: Duration, gap: Duration) -> ScriptedTransport {
    let waits = std::iter::once(first).chain(std::iter::repeat(gap));
    let pieces = waits.take(tokens as usize).flat_map(|wait| [Step::Wait(wait), text("word ")]);
    ScriptedTransport::new(pieces.chain(ending(10, u64::from(tokens))))
}

/// A transport that answers request `i` with script `i`, and begins again after the last script.
#[derive(Debug)]
pub(crate) struct Playlist {
    scripts: Vec<ScriptedTransport>,
    next: AtomicUsize,
}

impl Playlist {
    pub(crate) fn new(scripts: impl IntoIterator<Item = ScriptedTransport>) -> Self {
        Self { scripts: scripts.into_iter().collect(), next: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Transport for Playlist {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.scripts[number % self.scripts.len()].send(request).await
    }
}

/// A transport without a server.
#[derive(Debug)]
pub(crate) struct Unreachable;

#[async_trait]
impl Transport for Unreachable {
    async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
        Err(TransportError::Connect("nobody listens".to_owned()))
    }
}

/// An auth provider whose credentials have expired.
#[derive(Debug)]
pub(crate) struct Expired;

#[async_trait]
impl AuthProvider for Expired {
    async fn authorize(&self, _: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        Err(AuthError { provider: "the test", source: "the token has expired".into() })
    }
}

/// The log of a [`Watched`] transport.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Change>>>);

/// The sending or the end of a request.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) at: Instant,
    /// The number of requests in flight afterwards.
    pub(crate) in_flight: usize,
    /// The body, if a request was sent.
    pub(crate) sent: Option<Bytes>,
}

impl Log {
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.lock().clone()
    }

    /// Returns the send time of each request, since `epoch`.
    pub(crate) fn sent_after(&self, epoch: Instant) -> Vec<Duration> {
        let sent = self.changes().into_iter().filter(|it| it.sent.is_some());
        sent.map(|it| it.at.since(epoch)).collect()
    }

    /// Returns the bodies of all requests, in the order of sending.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let bodies = self.changes().into_iter().filter_map(|it| it.sent);
        bodies.map(|it| serde_json::from_slice(&it).expect("the backend sends JSON")).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Change>> {
        self.0.lock().expect("no thread panics while recording")
    }

    fn record(&self, sent: Option<Bytes>) {
        let mut changes = self.lock();
        let before = changes.last().map_or(0, |it| it.in_flight);
        let in_flight = if sent.is_some() { before + 1 } else { before - 1 };
        changes.push(Change { at: clock::now(), in_flight, sent });
    }
}

/// A guard that records the end of a request when it is dropped.
struct InFlight(Log);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.record(None);
    }
}

/// A transport that records each request and the end of its exchange.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    inner: T,
    log: Log,
}

impl<T> Watched<T> {
    pub(crate) fn new(inner: T) -> (Self, Log) {
        let log = Log::default();
        (Self { inner, log: log.clone() }, log)
    }
}

#[async_trait]
impl<T: Transport> Transport for Watched<T> {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        self.log.record(Some(request.body().clone()));
        let in_flight = InFlight(self.log.clone());
        let mut answer = self.inner.send(request).await?;
        let body = answer.body.map(move |chunk| {
            let _until_the_body_is_dropped = &in_flight;
            chunk
        });
        answer.body = Box::pin(body);
        Ok(answer)
    }
}
