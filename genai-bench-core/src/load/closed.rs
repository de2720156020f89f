//! Closed loop: so many sessions at a time, each slot sending the next when its last one has been answered.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::ahead::{Ahead, Drawn};
use super::heartbeat::beat;
use super::stop::{Phase, Stopper, watch_over};
use crate::clock::Epoch;
use crate::error::Error;
use crate::exchange::{Patience, exchange};
use crate::failure::{Failure, FailureKind};
use crate::metrics::ClientHealth;
use crate::plan::{Limit, Ramp};
use crate::target::Target;
use crate::trace::Trace;
use crate::units::Offset;

/// How long a slot waits after a first failure to connect; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// How long it waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What the slots of a run share.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) target: Target,
    pub(crate) patience: Patience,
    pub(crate) ramp: Ramp,
    pub(crate) ahead: Ahead,
    pub(crate) epoch: Epoch,
    pub(crate) phase: watch::Sender<Phase>,
    /// When a slot first had nothing to do: nanoseconds from the epoch, or `u64::MAX`.
    pub(crate) emptied_ns: AtomicU64,
    pub(crate) emptied: Notify,
}

impl Job {
    pub(crate) fn new(target: Target, patience: Patience, ramp: Ramp, ahead: Ahead) -> Self {
        let phase = watch::Sender::new(Phase::Sending);
        let emptied_ns = AtomicU64::new(u64::MAX);
        Self {
            target,
            patience,
            ramp,
            ahead,
            epoch: Epoch::start(),
            phase,
            emptied_ns,
            emptied: Notify::new(),
        }
    }

    /// When a slot first had nothing to do.
    pub(crate) fn emptied_at(&self) -> Option<Offset> {
        Some(self.emptied_ns.load(Ordering::Relaxed)).filter(|it| *it != u64::MAX).map(Offset::from_nanos)
    }

    fn is_sending(&self) -> bool {
        *self.phase.borrow() == Phase::Sending
    }

    fn note_empty_slot(&self) {
        self.emptied_ns.fetch_min(self.epoch.now().as_nanos(), Ordering::Relaxed);
        self.emptied.notify_one();
    }
}

/// Keeps `concurrency` sessions in flight until the limit, sends every trace to `recorder` as it ends, and
/// returns when the last one has.
///
/// # Errors
///
/// When a slot is lost because a backend, an auth provider or a transport panicked: with fewer slots than were
/// asked for there is nothing to report.
pub(crate) async fn drive(
    job: &Arc<Job>,
    concurrency: NonZeroU32,
    limit: Limit,
    drain: Duration,
    stopper: &Stopper,
    recorder: &mpsc::Sender<Trace>,
) -> Result<ClientHealth, Error> {
    let mut slots = JoinSet::new();
    for number in 0..concurrency.get() {
        slots.spawn(slot(Arc::clone(job), number, recorder.clone()));
    }
    let mut health = ClientHealth::default();
    tokio::select! {
        ended = all_end(&mut slots) => ended?,
        () = watch_over(&job.phase, job.emptied.notified(), stopper, job.epoch, limit, drain) => {}
        () = beat(&mut health) => {}
    }
    job.ahead.report(&mut health);
    Ok(health)
}

async fn all_end(slots: &mut JoinSet<()>) -> Result<(), Error> {
    while let Some(ended) = slots.join_next().await {
        ended.map_err(|_| Error::Lost("load, in which something panicked,"))?;
    }
    Ok(())
}

/// One of the places that a session can be in.
async fn slot(job: Arc<Job>, number: u32, recorder: mpsc::Sender<Trace>) {
    let mut phase = job.phase.subscribe();
    let opens = job.epoch.instant_at(Offset::from_duration(job.ramp.opens(number))).into_tokio();
    tokio::select! {
        biased;
        _ = phase.wait_for(|it| *it != Phase::Sending) => return,
        () = tokio::time::sleep_until(opens) => {}
    }
    let mut pause = FIRST_PAUSE;
    while job.is_sending() {
        let due = job.epoch.now();
        let Some(drawn) = job.ahead.next().await else { break };
        match converse(&job, drawn, due, &mut phase, &recorder).await {
            Answered::Yes => {
                pause = FIRST_PAUSE;
                continue;
            }
            Answered::Unreachable => {}
            Answered::Unrecorded => break,
        }
        // A server that cannot be reached is not asked as fast as the loop can spin.
        tokio::select! {
            _ = phase.wait_for(|it| *it != Phase::Sending) => break,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
    job.note_empty_slot();
}

/// How a session ended.
enum Answered {
    /// The server could be reached.
    Yes,
    /// It could not.
    Unreachable,
    /// Nobody takes traces any more, because the journal cannot be written: to go on would measure nothing.
    Unrecorded,
}

/// Carries out the turns of one session until one fails.
async fn converse(
    job: &Job,
    drawn: Drawn,
    mut due: Offset,
    phase: &mut watch::Receiver<Phase>,
    recorder: &mpsc::Sender<Trace>,
) -> Answered {
    for (turn, asked) in (0..).zip(drawn.session.turns) {
        let mut trace = Trace::due(drawn.index, turn, due);
        trace.input = asked.input;
        tokio::select! {
            biased;
            () = exchange(&job.target, &asked.request, job.patience, job.epoch, &mut trace) => {}
            _ = phase.wait_for(|it| *it == Phase::Aborting) => {
                trace.ended = job.epoch.now();
                trace.failure = Some(Failure::cancelled());
            }
        }
        due = job.epoch.now();
        let kind = trace.failure.as_ref().map(|it| it.kind);
        if recorder.send(trace).is_err() {
            return Answered::Unrecorded;
        }
        match kind {
            None => {}
            Some(FailureKind::Connect | FailureKind::NotSent) => return Answered::Unreachable,
            Some(_) => return Answered::Yes,
        }
    }
    Answered::Yes
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;
    use crate::backend::{Backend, Decoder, Unsupported};
    use crate::plan::Plan;
    use crate::request::Request;
    use crate::sampler::TextSampler;
    use crate::tokenizer::Words;
    use crate::transport::{Answer, Transport, TransportError};

    /// Loses every request.
    #[derive(Debug)]
    struct Lossy;

    impl Backend for Lossy {
        fn name(&self) -> &'static str {
            "lossy"
        }
        fn encode(&self, _: &Request) -> Result<http::Request<Bytes>, Unsupported> {
            Ok(http::Request::new(Bytes::new()))
        }
        fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
            unreachable!("there is no answer")
        }
        fn failure(&self, head: &http::response::Parts, _: &[u8]) -> Failure {
            Failure::refused(head, "")
        }
    }

    #[async_trait]
    impl Transport for Lossy {
        async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Err(TransportError::Lost("always".into()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_nobody_records_ends_before_its_limit() {
        let plan = Plan::builder().scenario("D(3,3)").concurrency([2]).requests(200).build().unwrap();
        let sampler = Arc::new(TextSampler::new("m", Arc::new(Words)).unwrap());
        let ahead = Ahead::start(&plan.runs()[0], sampler, 1, plan.limit).await.unwrap();
        let target = Target::new(Arc::new(Lossy), Arc::new(Lossy));
        let job = Arc::new(Job::new(target, plan.patience, plan.ramp, ahead));
        let (recorder, nobody) = mpsc::channel();
        drop(nobody);
        let slots = NonZeroU32::new(2).unwrap();
        drive(&job, slots, plan.limit, plan.drain, &Stopper::default(), &recorder).await.unwrap();
        assert_eq!(job.epoch.now(), Offset::from_nanos(5_000_000), "each slot tried once");
    }
}
