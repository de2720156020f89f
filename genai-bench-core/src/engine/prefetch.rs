//! The prefetcher: a thread that draws and encodes sessions in advance, so that the thread that takes the time stamps
//! does neither.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::byte_budget::ByteBudget;
use crate::backend::Unsupported;
use crate::clock;
use crate::error::{Error, catch_panic};
use crate::metrics::ClientHealth;
use crate::plan::{Limit, Load, Run};
use crate::request::{Input, Message, Request, Session, ToolCall, Turn};
use crate::sampler::Sampler;
use crate::target::Target;
use crate::units::Tokens;
use crate::workload;

/// The minimum length of the queue, in sessions: enough for a burst of short answers.
const MIN_QUEUE_LEN: u32 = 256;
/// The length of the queue for recorded times, in sessions: their start times are known and far apart.
const REPLAY_QUEUE_LEN: u32 = 512;
/// The maximum size of the requests in the queue, in bytes.
const MAX_QUEUE_BYTES: usize = 128 << 20;
/// The estimated length of a token of an answer, in bytes.
const BYTES_PER_TOKEN: usize = 4;

/// A session that is drawn and encoded, with its number in the run.
#[derive(Debug)]
pub(crate) struct PreparedSession {
    pub(crate) index: u64,
    pub(crate) arrival: Option<Duration>,
    pub(crate) turns: Vec<PreparedTurn>,
    /// `true` if later turns repeat the answers of the model.
    pub(crate) live: bool,
    /// The estimated size of the requests, in bytes.
    size: usize,
}

/// One turn of a prepared session.
#[derive(Debug)]
pub(crate) struct PreparedTurn {
    pub(crate) request: Request,
    pub(crate) input: Option<Tokens>,
    pub(crate) shared: Tokens,
    pub(crate) think: Duration,
    /// The encoded request; `None` for a turn that repeats an earlier answer.
    pub(crate) wire: Option<Encoded>,
}

/// A request in the format of the backend, without credentials, or the reason why the backend cannot encode it.
pub(crate) type Encoded = Result<http::Request<Bytes>, Unsupported>;

impl PreparedSession {
    fn new(index: u64, session: Session, target: &Target) -> Self {
        let mut turns = Vec::with_capacity(session.turns.len());
        for (number, mut turn) in session.turns.into_iter().enumerate() {
            if number > 0 {
                // The turn repeats all earlier messages; only the server knows how many tokens those are.
                turn.shared = Turn::WHOLE_PROMPT;
            }
            turns.push(PreparedTurn::new(turn, target));
        }
        let live = turns.iter().any(|turn| turn.wire.is_none());
        let size = size_of_turns(&turns);
        Self { index, arrival: session.arrival, turns, live, size }
    }
}

/// Returns the estimated size of the requests of `turns`, in bytes: the bodies of those that are encoded, and the
/// messages of the others, with room for the answers that they repeat.
fn size_of_turns(turns: &[PreparedTurn]) -> usize {
    let encoded = turns.iter().filter_map(|turn| turn.wire.as_ref()?.as_ref().ok());
    let bodies: usize = encoded.map(|wire| wire.body().len()).sum();
    // A later turn has the messages of the earlier ones, and shares their text.
    let mut seen = HashSet::new();
    let mut size = bodies;
    for turn in turns.iter().filter(|turn| turn.wire.is_none()) {
        for message in messages(&turn.request) {
            size += size_of::<Message>();
            size +=
                message.tool_calls.iter().map(|call| size_of::<ToolCall>() + call.text_len()).sum::<usize>();
            size += match message.reply_to {
                Some(number) => answer_size(turns, number),
                None if seen.insert(message.text.as_ptr()) => message.text.len(),
                None => 0,
            };
        }
    }
    size
}

/// Returns the estimated size of the longest answer of turn `number`, in bytes; 0 when it has no limit.
fn answer_size(turns: &[PreparedTurn], number: u32) -> usize {
    let turn = usize::try_from(number).ok().and_then(|number| turns.get(number));
    let limit = turn.and_then(|turn| turn.request.output().limit()).unwrap_or_default();
    usize::try_from(limit.0).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN)
}

impl PreparedTurn {
    fn new(turn: Turn, target: &Target) -> Self {
        let Turn { request, input, shared, think } = turn;
        let wire = (!repeats_answers(&request)).then(|| target.encode(&request));
        Self { request, input, shared, think, wire }
    }
}

/// Returns `true` if a message is an earlier answer, which does not exist yet.
fn repeats_answers(request: &Request) -> bool {
    messages(request).iter().any(|message| message.reply_to.is_some())
}

fn messages(request: &Request) -> &[Message] {
    match &request.input {
        Input::Chat { messages, .. } => messages,
        _ => &[],
    }
}

/// The queue of the sessions of a run, in order. Session `i` depends only on the seed, the run and `i`.
#[derive(Debug)]
pub(crate) struct Prefetcher {
    queue: tokio::sync::Mutex<mpsc::Receiver<PreparedSession>>,
    budget: Arc<ByteBudget>,
    failure: Arc<Mutex<Option<Error>>>,
    waits: AtomicU64,
    wait_ns: AtomicU64,
}

impl Prefetcher {
    /// Starts the thread, and returns when the queue is full or holds all sessions.
    pub(crate) async fn start(
        run: &Run,
        sampler: Arc<dyn Sampler>,
        target: &Target,
        seed: u64,
        limit: Limit,
    ) -> Result<Self, Error> {
        let queue_len = match run.level.load {
            Load::Closed { concurrency } => concurrency.get().saturating_mul(2).max(MIN_QUEUE_LEN),
            Load::Replay { .. } => REPLAY_QUEUE_LEN,
        };
        let (sender, receiver) = mpsc::channel(queue_len as usize);
        let (filled, is_filled) = oneshot::channel();
        let failure = Arc::new(Mutex::new(None));
        let budget = Arc::new(ByteBudget::new(MAX_QUEUE_BYTES));
        let max_sessions = limit.max_sessions().map_or(u64::MAX, u64::from);
        let worker = PrefetchWorker {
            run: run.clone(),
            target: target.clone(),
            seed,
            limit: sampler.sessions().map_or(max_sessions, |available| available.min(max_sessions)),
            sampler,
            budget: Arc::clone(&budget),
            failure: Arc::clone(&failure),
        };
        thread::Builder::new()
            .name("sampler".into())
            .spawn(move || worker.work(sender, filled, u64::from(queue_len)))
            .map_err(|_| Error::Lost("sampler thread"))?;
        is_filled.await.map_err(|_| Error::Lost("sampler thread"))?;
        let prefetcher = Self {
            queue: tokio::sync::Mutex::new(receiver),
            budget,
            failure,
            waits: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
        };
        prefetcher.check()?;
        Ok(prefetcher)
    }

    /// Returns the next session; `None` when the run has no more, or the thread has failed.
    pub(crate) async fn next(&self) -> Option<PreparedSession> {
        let mut queue = self.queue.lock().await;
        let session = match queue.try_recv() {
            Ok(session) => session,
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) => {
                let began = clock::now();
                let session = queue.recv().await?;
                let waited = u64::try_from(clock::now().since(began).as_nanos()).unwrap_or(u64::MAX);
                self.waits.fetch_add(1, Ordering::Relaxed);
                self.wait_ns.fetch_add(waited, Ordering::Relaxed);
                session
            }
        };
        self.budget.release(session.size);
        Some(session)
    }

    /// Returns the error of the thread, if drawing or encoding has failed.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }

    /// Writes the number and the total length of the waits for a session to `health`.
    pub(crate) fn report(&self, health: &mut ClientHealth) {
        health.sampler_waits = self.waits.load(Ordering::Relaxed);
        health.sampler_wait_ns = self.wait_ns.load(Ordering::Relaxed);
    }
}

impl Drop for Prefetcher {
    fn drop(&mut self) {
        self.budget.close();
    }
}

/// The state of the thread that draws and encodes.
struct PrefetchWorker {
    run: Run,
    sampler: Arc<dyn Sampler>,
    target: Target,
    seed: u64,
    limit: u64,
    budget: Arc<ByteBudget>,
    failure: Arc<Mutex<Option<Error>>>,
}

impl PrefetchWorker {
    /// Fills the queue until the last session, a failure or a panic. The failure is stored before the queue is closed,
    /// because a slot ends when it finds the queue closed.
    fn work(&self, queue: mpsc::Sender<PreparedSession>, filled: oneshot::Sender<()>, queue_len: u64) {
        let mut filled = Some(filled);
        if let Err(error) = self.fill(&queue, &mut filled, queue_len) {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        // The queue is closed before `filled` is sent: otherwise a short run could empty the queue first, and its slots
        // would wait until this thread closes it.
        drop(queue);
        let _ = filled.take().map(|filled| filled.send(()));
    }

    /// Adds sessions to the queue until the limit, a failure, or the end of the run. Sends `filled` when the queue is
    /// full for the first time.
    fn fill(
        &self,
        queue: &mpsc::Sender<PreparedSession>,
        filled: &mut Option<oneshot::Sender<()>>,
        queue_len: u64,
    ) -> Result<(), Error> {
        for index in 0..self.limit {
            let session = self.prepare(index)?;
            let size = session.size;
            if index == queue_len || self.budget.would_exceed(size) {
                let _ = filled.take().map(|filled| filled.send(()));
            }
            if !self.budget.add(size) || queue.blocking_send(session).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Draws and encodes session `index`.
    fn prepare(&self, index: u64) -> Result<PreparedSession, Error> {
        let session =
            catch_panic("sampler", || workload::session(&self.run, self.seed, &*self.sampler, index))?;
        let session =
            session.map_err(|source| Error::Sample { scenario: self.run.scenario.to_string(), source })?;
        catch_panic("encoding of requests", || PreparedSession::new(index, session, &self.target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;
    use crate::conformance::ScriptedTransport;
    use crate::failure::Failure;
    use crate::request::OutputLength;

    /// A backend that encodes every request as a hundred bytes.
    #[derive(Debug)]
    struct HundredBytes;

    impl Backend for HundredBytes {
        fn name(&self) -> &'static str {
            "hundred-bytes"
        }
        fn encode(&self, _: &Request) -> Result<http::Request<Bytes>, Unsupported> {
            Ok(http::Request::new(Bytes::from(vec![0; 100])))
        }
        fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn crate::backend::Decoder> {
            unreachable!("no request is sent")
        }
        fn failure(&self, head: &http::response::Parts, _: &[u8]) -> Failure {
            Failure::refused(head, "")
        }
    }

    #[test]
    fn the_size_of_a_live_session_includes_room_for_its_answers() {
        let message = size_of::<Message>();
        assert_eq!(live_session_size(0), 100, "an encoded request counts its body");
        // The second turn holds three messages: the first prompt, an answer of 50 tokens, and the second prompt.
        assert_eq!(live_session_size(1), 100 + 10_000 + 50 * BYTES_PER_TOKEN + 3_000 + 3 * message);
        // A third turn adds a prompt, and two answers that it does not share with the second one.
        assert_eq!(
            live_session_size(2),
            live_session_size(1) + 3_000 + 2 * 50 * BYTES_PER_TOKEN + 5 * message
        );
    }

    /// Returns the size of a session whose `later_turns` repeat the prompts and answers before them.
    fn live_session_size(later_turns: u32) -> usize {
        let mut messages = vec![Message::user("x".repeat(10_000))];
        let mut turns = vec![chat_turn(&messages)];
        for number in 0..later_turns {
            messages.push(Message::reply_to(number));
            messages.push(Message::user("y".repeat(3_000)));
            turns.push(chat_turn(&messages));
        }
        let target = Target::new(Arc::new(HundredBytes), Arc::new(ScriptedTransport::new([])));
        PreparedSession::new(0, Session::new(turns), &target).size
    }

    fn chat_turn(messages: &[Message]) -> Turn {
        let output = OutputLength::AtMost(Tokens(50));
        Turn::new(Request::new("m", Input::Chat { messages: messages.to_vec(), output }), None)
    }
}
