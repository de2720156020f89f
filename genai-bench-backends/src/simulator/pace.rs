//! When the next output of one request is due.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use genai_bench_core::clock::Epoch;
use genai_bench_core::units::Offset;
use tokio::time::{Sleep, sleep_until};

use super::draw::{Draws, Purpose};
use super::latency::{Latency, times};
use super::load::{Load, Slot, Waiting};
use super::script::Wait;
use super::settings::Settings;

/// The timing of one request.
///
/// Every output is due a gap after the one before it was *due*, not after it was written: the timer is up to a
/// millisecond late, and that must not add up. A gap of zero touches no timer.
pub(super) struct Pace {
    epoch: Epoch,
    draws: Draws,
    /// Idle-server times: to the first output (its distribution and prefill), and between outputs.
    first: (Latency, Duration),
    next: Latency,
    load: Arc<Load>,
    /// Until there is a slot.
    waiting: Option<Waiting>,
    /// Held, never looked at: dropping it lets the next request in.
    slot: Option<Slot>,
    due: Offset,
    timer: Option<Pin<Box<Sleep>>>,
    timed: bool,
}

impl Pace {
    /// The timing of a request with `input_tokens` that came in at `received`, which is now.
    pub(super) fn new(
        settings: &Settings,
        load: &Arc<Load>,
        epoch: Epoch,
        (number, received, input_tokens): (u64, Offset, u64),
    ) -> Self {
        let (slot, waiting) = load.enter().map_or_else(|it| (None, Some(it)), |it| (Some(it), None));
        Self {
            epoch,
            draws: Draws::new(settings.seed, number, Purpose::Latency),
            first: (settings.ttft, times(settings.prefill, input_tokens as f64 / 1_000.0)),
            next: settings.itl,
            load: Arc::clone(load),
            waiting,
            slot,
            due: received,
            timer: None,
            timed: false,
        }
    }

    /// Ready as soon as the request has a slot to run in.
    pub(super) fn poll_slot(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(waiting) = &mut self.waiting {
            self.slot = Some(ready!(waiting.as_mut().poll(cx)));
            self.waiting = None;
            self.due = self.epoch.now();
        }
        Poll::Ready(())
    }

    /// Gives the slot away: nothing more will be generated.
    pub(super) fn leave(&mut self) {
        self.waiting = None;
        self.slot = None;
    }

    /// Decides when what comes after `wait` is due.
    pub(super) fn schedule(&mut self, wait: Wait) {
        let idle = match wait {
            Wait::Nothing => Duration::ZERO,
            Wait::First => self.first.0.draw(&mut self.draws).saturating_add(self.first.1),
            Wait::Next => self.next.draw(&mut self.draws),
        };
        self.timed = !idle.is_zero();
        if !self.timed {
            return;
        }
        self.due = self.due + times(idle, self.load.factor());
        let due = self.epoch.instant_at(self.due).into_tokio();
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(due),
            None => self.timer = Some(Box::pin(sleep_until(due))),
        }
    }

    /// Ready when what was scheduled is due.
    pub(super) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) if self.timed => timer.as_mut().poll(cx),
            _ => Poll::Ready(()),
        }
    }

    /// Waits until a whole answer of so many chunks is generated.
    pub(super) async fn whole(&mut self, chunks: u64) {
        poll_fn(|cx| self.poll_slot(cx)).await;
        for chunk in 0..chunks {
            self.schedule(if chunk == 0 { Wait::First } else { Wait::Next });
            poll_fn(|cx| self.poll_due(cx)).await;
        }
    }
}
