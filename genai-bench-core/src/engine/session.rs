//! The turns of one session, one after the other.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::sync::watch;

use super::prefetch::{Encoded, PreparedSession, PreparedTurn};
use super::run_state::RunState;
use super::shutdown::Phase;
use crate::exchange::LiveCounts;
use crate::failure::{Failure, FailureKind};
use crate::record::{RequestRecord, SentCredentials};
use crate::request::{Input, Request};
use crate::units::Offset;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With an answer to its last turn.
    Answered,
    /// With a failure after a part of an answer had arrived, or after waiting for it.
    Failed,
    /// With a failure before anything of an answer arrived: a server that is down or refuses everything fails as fast
    /// as it is asked.
    Refused,
    /// The run sends no more requests.
    NoMore,
    /// Nobody takes records any more, because the journal cannot be written: to go on would measure nothing.
    Unrecorded,
}

/// Carries out the turns of one session that is due at `due`, until one fails. What the model answers is put
/// where later turns have a place for it.
pub(super) async fn converse(
    job: &RunState,
    drawn: PreparedSession,
    mut due: Offset,
    phase: &mut watch::Receiver<Phase>,
    recorder: &SyncSender<RequestRecord>,
) -> Ended {
    let PreparedSession { index, turns, live, .. } = drawn;
    let mut answers = Answers::new(job.activity());
    for (turn, asked) in (0..).zip(turns) {
        if turn > 0 {
            due = due + asked.think;
            if !waited_until(job, due, phase).await {
                return Ended::NoMore;
            }
        }
        if !job.takes_one_more() {
            return Ended::NoMore;
        }
        let mut record = RequestRecord::due(index, turn, due);
        (record.input, record.shared) = (asked.input, asked.shared);
        carry_out(job, asked, &answers.given, phase, &mut record).await;
        due = job.epoch.now();
        if live {
            answers.push(&record);
        }
        record.drop_counted_text();
        job.note_outcome(&record);
        let failed = record.failure.as_ref().map(|failure| how_it_ended(failure, &record));
        if job.handover.hand_over(record, recorder).await.is_err() {
            return Ended::Unrecorded;
        }
        if let Some(ended) = failed {
            return ended;
        }
    }
    Ended::Answered
}

/// The answers of a session so far, which later turns repeat. They count towards the memory of the answers of the run.
struct Answers<'a> {
    given: Vec<GivenAnswer>,
    bytes: u64,
    activity: &'a LiveCounts,
}

/// An answer, and the credentials that its text has not been searched for.
#[derive(Clone)]
struct GivenAnswer {
    text: Arc<str>,
    credentials: SentCredentials,
}

impl<'a> Answers<'a> {
    fn new(activity: &'a LiveCounts) -> Self {
        Self { given: Vec::new(), bytes: 0, activity }
    }

    fn push(&mut self, record: &RequestRecord) {
        let text = &record.output_text.answer;
        let bytes = text.len() as u64;
        self.activity.hold(bytes);
        self.bytes += bytes;
        self.given
            .push(GivenAnswer { text: Arc::from(text.as_str()), credentials: record.credentials.clone() });
    }
}

impl GivenAnswer {
    /// Returns the text with stars for credentials.
    fn redacted(&self) -> Arc<str> {
        let mut text = self.text.to_string();
        self.credentials.hide(&mut text);
        Arc::from(text)
    }
}

impl Drop for Answers<'_> {
    fn drop(&mut self) {
        self.activity.release(self.bytes);
    }
}

/// Returns how a session ended whose last request failed.
fn how_it_ended(failure: &Failure, record: &RequestRecord) -> Ended {
    match failure.kind {
        FailureKind::Cancelled => Ended::NoMore,
        // These took their time already.
        FailureKind::Timeout | FailureKind::Stalled => Ended::Failed,
        _ if record.arrivals.is_empty() => Ended::Refused,
        _ => Ended::Failed,
    }
}

/// Sends one request, and gives it up when the run does.
async fn carry_out(
    job: &RunState,
    asked: PreparedTurn,
    answers: &[GivenAnswer],
    phase: &mut watch::Receiver<Phase>,
    record: &mut RequestRecord,
) {
    let exchange = async {
        let PreparedTurn { request, wire, .. } = asked;
        let (request, wire) = match wire {
            Some(wire) => (request, wire),
            None => encode_beside(job, request, answers).await,
        };
        job.exchange().carry_out(&request, wire, record).await;
    };
    tokio::select! {
        biased;
        () = exchange => {}
        _ = phase.wait_for(|it| *it == Phase::Aborting) => {
            job.exchange().give_up(record);
        }
    }
}

/// Encodes a request that waited for answers on another thread than that which stamps: a long conversation takes
/// milliseconds.
async fn encode_beside(job: &RunState, mut request: Request, answers: &[GivenAnswer]) -> (Request, Encoded) {
    let target = job.target.clone();
    let answers = answers.to_vec();
    let encoding = tokio::task::spawn_blocking(move || {
        fill_in(&mut request, &answers);
        let wire = target.encode(&request);
        (request, wire)
    });
    encoding.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Puts what the model answered where the request has a place for it.
fn fill_in(request: &mut Request, answers: &[GivenAnswer]) {
    let Input::Chat { messages, .. } = &mut request.input else { return };
    for message in messages {
        let turn = message.reply_to.take().and_then(|it| usize::try_from(it).ok());
        if let Some(answer) = turn.and_then(|it| answers.get(it)) {
            message.text = answer.redacted();
        }
    }
}

/// Waits until `at`; `false` when the run sends no more requests before that.
async fn waited_until(job: &RunState, at: Offset, phase: &mut watch::Receiver<Phase>) -> bool {
    if at <= job.epoch.now() {
        return true;
    }
    tokio::select! {
        biased;
        _ = phase.wait_for(|it| matches!(it, Phase::Draining | Phase::Aborting)) => false,
        () = tokio::time::sleep_until(job.epoch.instant_at(at).into_tokio()) => true,
    }
}
