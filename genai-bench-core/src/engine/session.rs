//! The turns of one session, one after the other.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::prefetch::{Encoded, PreparedSession, PreparedTurn};
use super::run_state::RunState;
use super::shutdown::Phase;
use crate::exchange::LiveCounts;
use crate::failure::{Failure, FailureKind};
use crate::record::{RequestRecord, SentCredentials};
use crate::request::{Input, Request};
use crate::units::Offset;

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionEnd {
    /// An answer to the last turn.
    Answered,
    /// A failure after a part of an answer had arrived, or after a timeout.
    Failed,
    /// A failure before any part of an answer arrived: a server that is down or refuses everything fails at once.
    Refused,
    /// The end of the run, which sends no more requests.
    Stopped,
    /// The end of the recorder, because the journal cannot be written: further requests would not be recorded.
    RecorderGone,
}

/// Sends the turns of one session, the first one at `due`, until one fails. The answers of the model are inserted
/// into the later turns that repeat them.
pub(super) async fn run_session(
    state: &RunState,
    session: PreparedSession,
    mut due: Offset,
    phase: &mut watch::Receiver<Phase>,
    recorder: &SyncSender<RequestRecord>,
) -> SessionEnd {
    let PreparedSession { index, turns, live, .. } = session;
    let mut answers = Answers::new(state.live_counts());
    for (number, turn) in (0..).zip(turns) {
        if number > 0 {
            due = due + turn.think;
            if !wait_until(state, due, phase).await {
                return SessionEnd::Stopped;
            }
        }
        if !state.try_claim_request() {
            return SessionEnd::Stopped;
        }
        let mut record = RequestRecord::due(index, number, due);
        (record.input, record.shared) = (turn.input, turn.shared);
        send_turn(state, turn, &answers.texts, phase, &mut record).await;
        due = state.epoch.now();
        if live {
            answers.push(&record);
        }
        record.drop_counted_text();
        state.note_outcome(&record);
        let failed = record.failure.as_ref().map(|failure| end_after_failure(failure, &record));
        if state.recorder_queue.send(record, recorder).await.is_err() {
            return SessionEnd::RecorderGone;
        }
        if let Some(end) = failed {
            return end;
        }
    }
    SessionEnd::Answered
}

/// The answers of a session so far, which later turns repeat. They count towards the memory of the answers of the run.
struct Answers<'a> {
    texts: Vec<Arc<AnswerText>>,
    bytes: u64,
    live_counts: &'a LiveCounts,
}

/// The text of an answer, with the credentials that are hidden in it when a later turn first repeats it.
struct AnswerText {
    text: String,
    credentials: SentCredentials,
    redacted: OnceLock<Arc<str>>,
}

impl<'a> Answers<'a> {
    fn new(live_counts: &'a LiveCounts) -> Self {
        Self { texts: Vec::new(), bytes: 0, live_counts }
    }

    fn push(&mut self, record: &RequestRecord) {
        let text = record.output_text.answer.clone();
        let bytes = text.len() as u64;
        self.live_counts.hold(bytes);
        self.bytes += bytes;
        let credentials = record.credentials.clone();
        self.texts.push(Arc::new(AnswerText { text, credentials, redacted: OnceLock::new() }));
    }
}

impl AnswerText {
    /// Returns the text with asterisks in place of credentials.
    fn redacted(&self) -> Arc<str> {
        let redacted = self.redacted.get_or_init(|| {
            let mut text = self.text.clone();
            self.credentials.hide(&mut text);
            Arc::from(text)
        });
        Arc::clone(redacted)
    }
}

impl Drop for Answers<'_> {
    fn drop(&mut self) {
        self.live_counts.release(self.bytes);
    }
}

/// Returns the end of a session whose last request failed.
fn end_after_failure(failure: &Failure, record: &RequestRecord) -> SessionEnd {
    match failure.kind {
        FailureKind::Cancelled => SessionEnd::Stopped,
        // A timeout needs no further pause before the next session.
        FailureKind::Timeout | FailureKind::Stalled => SessionEnd::Failed,
        _ if record.arrivals.is_empty() => SessionEnd::Refused,
        _ => SessionEnd::Failed,
    }
}

/// Sends one request, and cancels it when the run is aborted.
async fn send_turn(
    state: &RunState,
    turn: PreparedTurn,
    answers: &[Arc<AnswerText>],
    phase: &mut watch::Receiver<Phase>,
    record: &mut RequestRecord,
) {
    let exchange = async {
        let PreparedTurn { request, wire, .. } = turn;
        let (request, wire) = match wire {
            Some(wire) => (request, wire),
            None => encode_with_answers(state, request, answers).await,
        };
        state.exchange().carry_out(&request, wire, record).await;
    };
    tokio::select! {
        biased;
        () = exchange => {}
        _ = phase.wait_for(|phase| *phase == Phase::Aborting) => {
            state.exchange().give_up(record);
        }
    }
}

/// Encodes a request that repeats earlier answers. A long conversation takes milliseconds, so this runs on another
/// thread than the one that takes the time stamps.
async fn encode_with_answers(
    state: &RunState,
    mut request: Request,
    answers: &[Arc<AnswerText>],
) -> (Request, Encoded) {
    let target = state.target.clone();
    let answers = answers.to_vec();
    let encoding = tokio::task::spawn_blocking(move || {
        insert_answers(&mut request, &answers);
        let wire = target.encode(&request);
        (request, wire)
    });
    encoding.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Sets the text of each message that repeats an earlier answer.
fn insert_answers(request: &mut Request, answers: &[Arc<AnswerText>]) {
    let Input::Chat { messages, .. } = &mut request.input else { return };
    for message in messages {
        let turn = message.reply_to.take().and_then(|number| usize::try_from(number).ok());
        if let Some(answer) = turn.and_then(|number| answers.get(number)) {
            message.text = answer.redacted();
        }
    }
}

/// Waits until `at`. Returns `false` if the run stops sending requests before that.
async fn wait_until(state: &RunState, at: Offset, phase: &mut watch::Receiver<Phase>) -> bool {
    if at <= state.epoch.now() {
        return true;
    }
    tokio::select! {
        biased;
        _ = phase.wait_for(|phase| matches!(phase, Phase::Draining | Phase::Aborting)) => false,
        () = tokio::time::sleep_until(state.epoch.instant_at(at).into_tokio()) => true,
    }
}
