//! Sessions, drawn and encoded ahead by their own thread so that nothing is drawn or serialised on the thread
//! that stamps.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::byte_budget::Budget;
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

/// How many sessions are held ready at least: enough for a burst of short answers.
const FEWEST_READY: u32 = 256;
/// How many sessions are held ready at most, for recorded times: they are known, and far apart.
const REPLAY_READY: u32 = 512;
/// How many bytes of encoded requests are held ready at most.
const MOST_BYTES: usize = 128 << 20;
/// The length of a token of an answer, about.
const BYTES_PER_TOKEN: usize = 4;

/// A session and its place in the run, ready to be sent.
#[derive(Debug)]
pub(crate) struct PreparedSession {
    pub(crate) index: u64,
    pub(crate) arrival: Option<Duration>,
    pub(crate) turns: Vec<PreparedTurn>,
    /// Whether answers are put into later turns.
    pub(crate) live: bool,
    /// About how many bytes the requests hold.
    size: usize,
}

/// One turn of it.
#[derive(Debug)]
pub(crate) struct PreparedTurn {
    pub(crate) request: Request,
    pub(crate) input: Option<Tokens>,
    pub(crate) shared: Tokens,
    pub(crate) think: Duration,
    /// What is sent; `None` for a turn that has a place for an answer.
    pub(crate) wire: Option<Encoded>,
}

/// A request as it is sent, without credentials.
pub(crate) type Encoded = Result<http::Request<Bytes>, Unsupported>;

impl PreparedSession {
    fn new(index: u64, session: Session, target: &Target) -> Self {
        let turns = (0_u32..).zip(session.turns).map(|(number, mut turn)| {
            if number > 0 {
                // It repeats all that was said before; how much that is, only the server knows.
                turn.shared = Turn::WHOLE_PROMPT;
            }
            PreparedTurn::new(turn, target)
        });
        let turns: Vec<PreparedTurn> = turns.collect();
        let live = turns.iter().any(|it| it.wire.is_none());
        let size = size_of_turns(&turns);
        Self { index, arrival: session.arrival, turns, live, size }
    }
}

/// Returns about how many bytes the requests of `turns` hold: the bodies of those that are encoded, and the messages
/// of those that are not, with room for the answers that they wait for.
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

/// Returns the size of the longest answer that turn `number` asks for; 0 when it has no limit.
fn answer_size(turns: &[PreparedTurn], number: u32) -> usize {
    let asked = usize::try_from(number).ok().and_then(|number| turns.get(number));
    let limit = asked.and_then(|asked| asked.request.output().limit()).unwrap_or_default();
    usize::try_from(limit.0).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN)
}

impl PreparedTurn {
    fn new(turn: Turn, target: &Target) -> Self {
        let Turn { request, input, shared, think } = turn;
        let wire = (!has_a_gap(&request)).then(|| target.encode(&request));
        Self { request, input, shared, think, wire }
    }
}

/// Returns whether a message is an answer that is not there yet.
fn has_a_gap(request: &Request) -> bool {
    messages(request).iter().any(|message| message.reply_to.is_some())
}

fn messages(request: &Request) -> &[Message] {
    match &request.input {
        Input::Chat { messages, .. } => messages,
        _ => &[],
    }
}

/// The sessions of a run, in order: session `i` depends on the seed, the run and `i` alone.
#[derive(Debug)]
pub(crate) struct Prefetcher {
    queue: tokio::sync::Mutex<mpsc::Receiver<PreparedSession>>,
    budget: Arc<Budget>,
    failure: Arc<Mutex<Option<Error>>>,
    waits: AtomicU64,
    wait_ns: AtomicU64,
}

impl Prefetcher {
    /// Starts to draw, and returns when as many sessions are ready as will ever be held.
    pub(crate) async fn start(
        run: &Run,
        sampler: Arc<dyn Sampler>,
        target: &Target,
        seed: u64,
        limit: Limit,
    ) -> Result<Self, Error> {
        let ready = match run.level.load {
            Load::Closed { concurrency } => concurrency.get().saturating_mul(2).max(FEWEST_READY),
            Load::Replay { .. } => REPLAY_READY,
        };
        let (sender, receiver) = mpsc::channel(ready as usize);
        let (filled, full) = oneshot::channel();
        let failure = Arc::new(Mutex::new(None));
        let budget = Arc::new(Budget::new(MOST_BYTES));
        let most = limit.most_sessions().map_or(u64::MAX, u64::from);
        let artist = PrefetchWorker {
            run: run.clone(),
            target: target.clone(),
            seed,
            limit: sampler.sessions().map_or(most, |it| it.min(most)),
            sampler,
            budget: Arc::clone(&budget),
            failure: Arc::clone(&failure),
        };
        let drawing = move || artist.work(sender, filled, u64::from(ready));
        thread::Builder::new()
            .name("sampler".into())
            .spawn(drawing)
            .map_err(|_| Error::Lost("sampler thread"))?;
        full.await.map_err(|_| Error::Lost("sampler thread"))?;
        let ahead = Self {
            queue: tokio::sync::Mutex::new(receiver),
            budget,
            failure,
            waits: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
        };
        ahead.check()?;
        Ok(ahead)
    }

    /// The next session; `None` when the run has had all of its own, or no more can be made.
    pub(crate) async fn next(&self) -> Option<PreparedSession> {
        let mut queue = self.queue.lock().await;
        let drawn = match queue.try_recv() {
            Ok(drawn) => drawn,
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) => {
                let began = clock::now();
                let drawn = queue.recv().await?;
                let waited = u64::try_from(clock::now().since(began).as_nanos()).unwrap_or(u64::MAX);
                self.waits.fetch_add(1, Ordering::Relaxed);
                self.wait_ns.fetch_add(waited, Ordering::Relaxed);
                drawn
            }
        };
        self.budget.take(drawn.size);
        Some(drawn)
    }

    /// Returns the error for which drawing or encoding ended early, if it did.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }

    /// How often and how long slots have waited.
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

/// What the drawing thread owns.
struct PrefetchWorker {
    run: Run,
    sampler: Arc<dyn Sampler>,
    target: Target,
    seed: u64,
    limit: u64,
    budget: Arc<Budget>,
    failure: Arc<Mutex<Option<Error>>>,
}

impl PrefetchWorker {
    /// Draws until there is no more to draw, or it fails or panics. Why it ended early is noted before the queue is
    /// closed: a slot that finds the queue closed ends its part of the run.
    fn work(&self, queue: mpsc::Sender<PreparedSession>, filled: oneshot::Sender<()>, ready: u64) {
        let mut filled = Some(filled);
        if let Err(error) = self.draw(&queue, &mut filled, ready) {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        // The queue is closed before the run is told that all is drawn: else a short run could be through with it
        // first, and its slots would wait for this thread to say that there is no more.
        drop(queue);
        let _ = filled.take().map(|it| it.send(()));
    }

    /// Draws until the limit, a failure, or the end of the run; tells `filled` when no more can be held for the
    /// first time.
    fn draw(
        &self,
        queue: &mpsc::Sender<PreparedSession>,
        filled: &mut Option<oneshot::Sender<()>>,
        ready: u64,
    ) -> Result<(), Error> {
        for index in 0..self.limit {
            let drawn = self.prepare(index)?;
            let size = drawn.size;
            if index == ready || self.budget.is_short_of(size) {
                let _ = filled.take().map(|it| it.send(()));
            }
            if !self.budget.add(size) || queue.blocking_send(drawn).is_err() {
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

    /// Encodes every request as a hundred bytes.
    #[derive(Debug)]
    struct Hundred;

    impl Backend for Hundred {
        fn name(&self) -> &'static str {
            "hundred"
        }
        fn encode(&self, _: &Request) -> Result<http::Request<Bytes>, Unsupported> {
            Ok(http::Request::new(Bytes::from(vec![0; 100])))
        }
        fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn crate::backend::Decoder> {
            unreachable!("nothing is answered")
        }
        fn failure(&self, head: &http::response::Parts, _: &[u8]) -> Failure {
            Failure::refused(head, "")
        }
    }

    #[test]
    fn a_live_history_counts_with_room_for_its_answers() {
        let output = OutputLength::AtMost(Tokens(50));
        let first = Message::user("x".repeat(10_000));
        let turn =
            |messages: Vec<Message>| Turn::new(Request::new("m", Input::Chat { messages, output }), None);
        let live = |turns: u32| {
            let mut messages = vec![first.clone()];
            let mut session = vec![turn(messages.clone())];
            for number in 0..turns {
                messages.push(Message::reply_to(number));
                messages.push(Message::user("y".repeat(3_000)));
                session.push(turn(messages.clone()));
            }
            let target = Target::new(Arc::new(Hundred), Arc::new(ScriptedTransport::new([])));
            PreparedSession::new(0, Session::new(session), &target).size
        };
        let messages = size_of::<Message>();
        assert_eq!(live(0), 100, "an encoded request counts its body");
        // The second turn holds three messages: the first prompt, an answer of 50 tokens, and the second prompt.
        assert_eq!(live(1), 100 + 10_000 + 50 * BYTES_PER_TOKEN + 3_000 + 3 * messages);
        // A third turn adds a prompt, and two answers that it does not share with the second one.
        assert_eq!(live(2), live(1) + 3_000 + 2 * 50 * BYTES_PER_TOKEN + 5 * messages);
    }
}
