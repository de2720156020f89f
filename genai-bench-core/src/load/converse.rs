//! The turns of one session, one after the other.

use std::sync::{Arc, mpsc};

use tokio::sync::watch;

use super::ahead::{Asked, Drawn};
use super::job::Job;
use super::stop::Phase;
use crate::exchange::exchange_encoded;
use crate::failure::{Failure, FailureKind};
use crate::request::{Input, Request};
use crate::trace::Trace;
use crate::units::Offset;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With its last turn, or with one that failed.
    Answered,
    /// The server could not be reached.
    Unreachable,
    /// The run sends no more requests.
    NoMore,
    /// Nobody takes traces any more, because the journal cannot be written: to go on would measure nothing.
    Unrecorded,
}

/// Carries out the turns of one session that is due at `due`, until one fails. What the model answers is put
/// where later turns have a place for it.
pub(super) async fn converse(
    job: &Job,
    drawn: Drawn,
    mut due: Offset,
    phase: &mut watch::Receiver<Phase>,
    recorder: &mpsc::Sender<Trace>,
) -> Ended {
    let Drawn { index, turns, live, .. } = drawn;
    let mut answers = Vec::new();
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
        let mut trace = Trace::due(index, turn, due);
        (trace.input, trace.shared) = (asked.input, asked.shared);
        carry_out(job, asked, &answers, phase, &mut trace).await;
        due = job.epoch.now();
        if live {
            answers.push(Arc::from(&*trace.spoken.answer));
        }
        trace.forget_what_was_counted();
        let kind = trace.failure.as_ref().map(|it| it.kind);
        if recorder.send(trace).is_err() {
            return Ended::Unrecorded;
        }
        match kind {
            None => {}
            Some(FailureKind::Connect | FailureKind::NotSent) => return Ended::Unreachable,
            Some(_) => return Ended::Answered,
        }
    }
    Ended::Answered
}

/// Sends one request, and gives it up when the run does.
async fn carry_out(
    job: &Job,
    asked: Asked,
    answers: &[Arc<str>],
    phase: &mut watch::Receiver<Phase>,
    trace: &mut Trace,
) {
    let Asked { mut request, wire, .. } = asked;
    let wire = wire.unwrap_or_else(|| {
        fill_in(&mut request, answers);
        job.target.backend.encode(&request)
    });
    tokio::select! {
        biased;
        () = exchange_encoded(&job.target, &request, wire, (job.patience, job.retry), job.epoch, trace) => {}
        _ = phase.wait_for(|it| *it == Phase::Aborting) => {
            trace.ended = job.epoch.now();
            trace.failure = Some(Failure::cancelled());
        }
    }
}

/// Puts what the model answered where the request has a place for it.
fn fill_in(request: &mut Request, answers: &[Arc<str>]) {
    let Input::Chat { messages, .. } = &mut request.input else { return };
    for message in messages {
        let turn = message.reply_to.take().and_then(|it| usize::try_from(it).ok());
        if let Some(answer) = turn.and_then(|it| answers.get(it)) {
            message.text = Arc::clone(answer);
        }
    }
}

/// Waits until `at`; `false` when the run sends no more requests before that.
async fn waited_until(job: &Job, at: Offset, phase: &mut watch::Receiver<Phase>) -> bool {
    if at <= job.epoch.now() {
        return true;
    }
    tokio::select! {
        biased;
        _ = phase.wait_for(|it| matches!(it, Phase::Draining | Phase::Aborting)) => false,
        () = tokio::time::sleep_until(job.epoch.instant_at(at).into_tokio()) => true,
    }
}
