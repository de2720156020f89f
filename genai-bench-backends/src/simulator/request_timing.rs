//! The time at which the next output of one request is due.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use genai_bench_core::clock::Epoch;
use genai_bench_core::units::Offset;
use tokio::time::{Sleep, sleep_until};

use super::pieces::Wait;
use super::prompt::CachedPrompt;
use super::random::RandomNumbers;
use super::running_requests::{RunningRequests, Slot, SlotWait};
use super::settings::Latency;
use super::settings::Settings;
use super::settings::latency::times;

/// The latencies of the steps of a request on the idle server.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepLatencies {
    /// The latency of the first output of an empty prompt.
    pub(super) first: Latency,
    /// The time that every 1,000 tokens of a prompt add to it.
    pub(super) prefill: Duration,
    /// The latency between two outputs.
    pub(super) next: Latency,
}

impl StepLatencies {
    /// Creates the latencies of reading a prompt and generating text.
    pub(super) fn for_text(settings: &Settings) -> Self {
        Self { first: settings.ttft, prefill: settings.prefill, next: settings.itl }
    }

    /// Creates the latencies of generating one image after another.
    pub(super) fn for_images(settings: &Settings) -> Self {
        Self { first: settings.image, prefill: Duration::ZERO, next: settings.image }
    }
}

/// The timing of one request.
///
/// Every output is due a gap after the one before it was *due*, not after it was written: the timer is up to a
/// millisecond late, and that must not add up. A gap of zero touches no timer.
pub(super) struct RequestTiming {
    epoch: Epoch,
    draws: RandomNumbers,
    latencies: StepLatencies,
    /// The number of prompt tokens that have not been read yet.
    unread: u64,
    /// The prompt and its answer in the prefix cache, if there is one.
    prefix: Option<CachedPrompt>,
    /// `true` once the request has begun to run.
    begun: bool,
    /// `true` while the prompt is being read.
    prefilling: bool,
    load: Arc<RunningRequests>,
    /// The wait for a slot.
    waiting: Option<SlotWait>,
    /// The slot of the running request, held for its `Drop`: dropping it lets the next request in.
    slot: Option<Slot>,
    due: Offset,
    timer: Option<Pin<Box<Sleep>>>,
    timed: bool,
}

impl RequestTiming {
    /// Creates the timing of a request with `input_tokens` that came in at `received`, which is now. Its
    /// latencies are drawn from `draws`.
    pub(super) fn new(
        latencies: StepLatencies,
        load: &Arc<RunningRequests>,
        epoch: Epoch,
        (draws, received, input_tokens): (RandomNumbers, Offset, u64),
    ) -> Self {
        let (slot, waiting) = load.enter().map_or_else(|it| (None, Some(it)), |it| (Some(it), None));
        Self {
            epoch,
            draws,
            latencies,
            unread: input_tokens,
            prefix: None,
            begun: false,
            prefilling: false,
            load: Arc::clone(load),
            waiting,
            slot,
            due: received,
            timer: None,
            timed: false,
        }
    }

    /// Sets the prompt's entry in the prefix cache.
    pub(super) fn with_prefix(self, prefix: Option<CachedPrompt>) -> Self {
        Self { prefix, ..self }
    }

    /// Returns `Ready` as soon as the request has a slot to run in.
    pub(super) fn poll_slot(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(waiting) = &mut self.waiting {
            self.slot = Some(ready!(waiting.as_mut().poll(cx)));
            self.waiting = None;
            self.due = self.epoch.now();
        }
        Poll::Ready(())
    }

    /// Begins to run the request, and returns the number of prompt tokens that are in the prefix cache.
    pub(super) fn begin(&mut self) -> u64 {
        let Some(prefix) = &self.prefix else { return 0 };
        if !std::mem::replace(&mut self.begun, true) {
            self.unread = self.unread.saturating_sub(prefix.look_up());
        }
        prefix.cached.get()
    }

    /// Inserts the answer of `tokens` tokens into the prefix cache.
    pub(super) fn answered(&mut self, tokens: u64) {
        if let Some(prefix) = &mut self.prefix {
            prefix.insert_answer(tokens);
        }
    }

    /// Releases the slot: nothing more is generated.
    pub(super) fn leave(&mut self) {
        self.waiting = None;
        self.slot = None;
    }

    /// Schedules the piece that follows `wait`.
    pub(super) fn schedule(&mut self, wait: Wait) {
        let idle = match wait {
            Wait::Nothing => Duration::ZERO,
            Wait::First => {
                self.prefilling = true;
                let prefill = times(self.latencies.prefill, self.unread as f64 / 1_000.0);
                self.latencies.first.draw(&mut self.draws).saturating_add(prefill)
            }
            Wait::Next => self.latencies.next.draw(&mut self.draws),
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

    /// Returns `Ready` when the scheduled piece is due.
    pub(super) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(timer) = self.timer.as_mut().filter(|_| self.timed) {
            ready!(timer.as_mut().poll(cx));
        }
        if std::mem::take(&mut self.prefilling) {
            self.prefix.iter().for_each(CachedPrompt::insert_prompt);
        }
        Poll::Ready(())
    }

    /// Waits for a slot.
    pub(super) async fn slot(&mut self) {
        poll_fn(|cx| self.poll_slot(cx)).await;
    }

    /// Waits for `steps` steps.
    pub(super) async fn steps(&mut self, steps: u64) {
        for step in 0..steps {
            self.schedule(if step == 0 { Wait::First } else { Wait::Next });
            poll_fn(|cx| self.poll_due(cx)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::simulator::prompt::PrefixCache;
    use crate::simulator::prompt::PromptBlocks;
    use crate::simulator::random::Purpose;
    use crate::simulator::settings::Slowdown;

    fn settings() -> Settings {
        let slowdown = Slowdown { capacity: NonZeroU32::MIN, slots: NonZeroU32::new(2), growth: 0.0 };
        let latency = |text: &str| text.parse().unwrap();
        let prefill = Duration::from_millis(40);
        Settings { ttft: latency("10ms"), prefill, itl: latency("5ms"), slowdown, ..Settings::default() }
    }

    fn draws() -> RandomNumbers {
        RandomNumbers::new(0, 0, Purpose::Latency)
    }

    /// Creates the timing of a request with 500 words that comes in now.
    fn timing(load: &Arc<RunningRequests>, epoch: Epoch) -> RequestTiming {
        RequestTiming::new(StepLatencies::for_text(&settings()), load, epoch, (draws(), epoch.now(), 500))
    }

    async fn due(timing: &mut RequestTiming, wait: Wait) -> u128 {
        poll_fn(|cx| timing.poll_slot(cx)).await;
        timing.schedule(wait);
        poll_fn(|cx| timing.poll_due(cx)).await;
        Duration::from_nanos(timing.epoch.now().as_nanos()).as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_output_does_not_delay_the_next() {
        let (load, epoch) = (Arc::new(RunningRequests::new(settings().slowdown)), Epoch::start());
        let mut timing = timing(&load, epoch);
        assert_eq!(due(&mut timing, Wait::Nothing).await, 0);
        assert_eq!(due(&mut timing, Wait::First).await, 30); // 10 + 500 words at 40 per 1,000
        assert_eq!(due(&mut timing, Wait::Next).await, 35);
        tokio::time::advance(Duration::from_millis(3)).await; // at 38 the next one is not asked for yet
        assert_eq!(due(&mut timing, Wait::Next).await, 40);
        tokio::time::advance(Duration::from_millis(7)).await;
        assert_eq!(due(&mut timing, Wait::Next).await, 47); // was due at 45
        assert_eq!(due(&mut timing, Wait::Next).await, 50);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_slow_each_other_from_their_slot_on() {
        let (load, epoch) = (Arc::new(RunningRequests::new(settings().slowdown)), Epoch::start());
        let (mut first, mut second, mut third) =
            (timing(&load, epoch), timing(&load, epoch), timing(&load, epoch));
        assert_eq!(due(&mut first, Wait::First).await, 60); // two run where capacity is one
        assert_eq!(due(&mut second, Wait::First).await, 60);
        second.leave();
        assert_eq!(due(&mut first, Wait::Next).await, 65); // and one runs alone
        first.leave();
        assert_eq!(due(&mut third, Wait::First).await, 95); // its slot came at 65, when it was asked
    }

    #[tokio::test(start_paused = true)]
    async fn an_unstreamed_response_takes_as_long_as_its_stream() {
        let (load, epoch) = (Arc::new(RunningRequests::new(settings().slowdown)), Epoch::start());
        let mut timing = timing(&load, epoch);
        timing.slot().await;
        timing.steps(3).await;
        assert_eq!(Duration::from_nanos(epoch.now().as_nanos()).as_millis(), 40);
    }

    #[tokio::test(start_paused = true)]
    async fn cached_tokens_cost_no_prefill() {
        let cached = Settings { prefix_cache_tokens: 1_600, ..settings() };
        let cache = PrefixCache::new(&cached).unwrap();
        let (load, epoch) = (Arc::new(RunningRequests::new(settings().slowdown)), Epoch::start());
        let mut due_at = Vec::new();
        for _ in 0..2 {
            let mut blocks = PromptBlocks::new("m", cached.prefix_block_tokens);
            (0..410).for_each(|_| blocks.push(b"word"));
            let mut timing = timing(&load, epoch).with_prefix(Some(CachedPrompt::new(&cache, blocks)));
            let held = [timing.begin(), timing.begin()];
            due_at.push((held, due(&mut timing, Wait::First).await));
        }
        // 10 and 500 words at 40 per 1,000; then 400 of them are cached, in 25 blocks of 16.
        assert_eq!(due_at, [([0, 0], 30), ([400, 400], 30 + 14)]);
    }

    #[test]
    fn a_zero_delay_uses_no_timer() {
        let (load, epoch) = (Arc::new(RunningRequests::new(Slowdown::none())), Epoch::start());
        let mut timing = RequestTiming::new(
            StepLatencies::for_text(&Settings::instant()),
            &load,
            epoch,
            (draws(), epoch.now(), 500),
        );
        timing.schedule(Wait::First); // outside of a runtime, making a timer panics
        assert!(timing.poll_due(&mut Context::from_waker(std::task::Waker::noop())).is_ready());
    }
}
