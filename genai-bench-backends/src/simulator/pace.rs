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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::super::load::Slowdown;
    use super::*;

    fn settings() -> Settings {
        let slowdown = Slowdown { capacity: NonZeroU32::MIN, slots: NonZeroU32::new(2), growth: 0.0 };
        let latency = |text: &str| text.parse().unwrap();
        let prefill = Duration::from_millis(40);
        Settings { ttft: latency("10ms"), prefill, itl: latency("5ms"), slowdown, ..Settings::default() }
    }

    /// A pace of a request with 500 words that comes in now.
    fn pace(load: &Arc<Load>, epoch: Epoch) -> Pace {
        Pace::new(&settings(), load, epoch, (0, epoch.now(), 500))
    }

    async fn due(pace: &mut Pace, wait: Wait) -> u128 {
        poll_fn(|cx| pace.poll_slot(cx)).await;
        pace.schedule(wait);
        poll_fn(|cx| pace.poll_due(cx)).await;
        Duration::from_nanos(pace.epoch.now().as_nanos()).as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_output_does_not_delay_the_next() {
        let (load, epoch) = (Arc::new(Load::new(settings().slowdown)), Epoch::start());
        let mut pace = pace(&load, epoch);
        assert_eq!(due(&mut pace, Wait::Nothing).await, 0);
        assert_eq!(due(&mut pace, Wait::First).await, 30); // 10 + 500 words at 40 per 1,000
        assert_eq!(due(&mut pace, Wait::Next).await, 35);
        tokio::time::advance(Duration::from_millis(3)).await; // at 38 the next one is not asked for yet
        assert_eq!(due(&mut pace, Wait::Next).await, 40);
        tokio::time::advance(Duration::from_millis(7)).await;
        assert_eq!(due(&mut pace, Wait::Next).await, 47); // was due at 45
        assert_eq!(due(&mut pace, Wait::Next).await, 50);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_slow_each_other_and_time_counts_from_the_slot() {
        let (load, epoch) = (Arc::new(Load::new(settings().slowdown)), Epoch::start());
        let (mut first, mut second, mut third) = (pace(&load, epoch), pace(&load, epoch), pace(&load, epoch));
        assert_eq!(due(&mut first, Wait::First).await, 60); // two run where capacity is one
        assert_eq!(due(&mut second, Wait::First).await, 60);
        second.leave();
        assert_eq!(due(&mut first, Wait::Next).await, 65); // and one runs alone
        first.leave();
        assert_eq!(due(&mut third, Wait::First).await, 95); // its slot came at 65, when it was asked
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_streamed_takes_as_long_as_its_stream() {
        let (load, epoch) = (Arc::new(Load::new(settings().slowdown)), Epoch::start());
        let mut pace = pace(&load, epoch);
        pace.whole(3).await;
        assert_eq!(Duration::from_nanos(epoch.now().as_nanos()).as_millis(), 40);
    }

    #[test]
    fn no_delay_touches_no_timer() {
        let (load, epoch) = (Arc::new(Load::new(Slowdown::none())), Epoch::start());
        let mut pace = Pace::new(&Settings::instant(), &load, epoch, (0, epoch.now(), 500));
        pace.schedule(Wait::First); // outside of a runtime, making a timer panics
        assert!(pace.poll_due(&mut Context::from_waker(std::task::Waker::noop())).is_ready());
    }
}
