//! The requests in flight, and how they slow each other down.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How latencies grow with load: a model of a server with continuous batching.
///
/// Such a server advances all running requests by one token per step.
/// - **Below `capacity`** a step is bound by reading the weights from memory, and one more request costs
///   little: with *n* running, a step takes `1 + growth · (n − 1) / capacity` times its idle duration.
/// - **Above `capacity`** a step is bound by arithmetic: twice the requests take twice the time. The factor at
///   `capacity` is multiplied by `n / capacity`, so that the server as a whole gets no faster: the knee.
/// - **Above `slots`** a request does not run at all: it waits, first come first served, until another ends.
///   Its headers go out at once, and the wait is part of its time to the first token.
///
/// The factor is taken anew for every chunk; prefill is slowed by the factor at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slowdown {
    /// Running requests up to which a further one is nearly free.
    pub capacity: NonZeroU32,
    /// How much longer a step takes at `capacity` than on the idle server: 0.25 is a quarter longer.
    pub growth: f64,
    /// Requests that run at once; the others wait. `null` is no limit.
    pub slots: Option<NonZeroU32>,
}

impl Default for Slowdown {
    fn default() -> Self {
        Self {
            capacity: const { NonZeroU32::new(16).expect("16 is not zero") },
            growth: 0.25,
            slots: NonZeroU32::new(32),
        }
    }
}

impl Slowdown {
    /// Latencies that do not depend on load.
    #[must_use]
    pub const fn none() -> Self {
        Self { capacity: NonZeroU32::MAX, growth: 0.0, slots: None }
    }

    /// What a duration on the idle server is multiplied by when `running` requests run.
    ///
    /// ```
    /// # use genai_bench_backends::simulator::Slowdown;
    /// let slowdown = Slowdown { growth: 0.0, ..Slowdown::default() };
    /// assert_eq!([1, 8, 16, 32, 64].map(|n| slowdown.factor(n)), [1.0, 1.0, 1.0, 2.0, 4.0]);
    /// ```
    #[must_use]
    pub fn factor(&self, running: u32) -> f64 {
        let capacity = f64::from(self.capacity.get());
        let running = f64::from(running.max(1));
        let batch = 1.0 + self.growth * (running.min(capacity) - 1.0) / capacity;
        batch * (running / capacity).max(1.0)
    }

    pub(super) fn is_valid(&self) -> bool {
        self.growth.is_finite() && self.growth >= 0.0
    }
}

/// The requests in flight on one server.
#[derive(Debug)]
pub(super) struct Load {
    slowdown: Slowdown,
    running: AtomicU32,
    slots: Option<Arc<Semaphore>>,
}

impl Load {
    pub(super) fn new(slowdown: Slowdown) -> Self {
        let slots = slowdown.slots.map(|it| usize::try_from(it.get()).unwrap_or(Semaphore::MAX_PERMITS));
        let slots = slots.map(|it| Arc::new(Semaphore::new(it.min(Semaphore::MAX_PERMITS))));
        Self { slowdown, running: AtomicU32::new(0), slots }
    }

    /// What durations are multiplied by at this moment.
    pub(super) fn factor(&self) -> f64 {
        self.slowdown.factor(self.running.load(Ordering::Relaxed))
    }

    /// A slot now, or the wait for one.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Slot, Waiting> {
        let Some(slots) = &self.slots else { return Ok(self.run(None)) };
        if let Ok(permit) = Arc::clone(slots).try_acquire_owned() {
            return Ok(self.run(Some(permit)));
        }
        let (load, slots) = (Arc::clone(self), Arc::clone(slots));
        Err(Box::pin(async move {
            let permit = slots.acquire_owned().await.expect("nobody closes the semaphore");
            load.run(Some(permit))
        }))
    }

    fn run(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> Slot {
        self.running.fetch_add(1, Ordering::Relaxed);
        Slot { load: Arc::clone(self), _permit: permit }
    }
}

/// A request that waits for its [`Slot`].
pub(super) type Waiting = Pin<Box<dyn Future<Output = Slot> + Send>>;

/// One running request; dropping it ends it and lets the next one in.
#[derive(Debug)]
pub(super) struct Slot {
    load: Arc<Load>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.load.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_rises_to_the_knee_and_stays_there() {
        let slowdown = Slowdown::default();
        let throughput = |running: u32| f64::from(running) / slowdown.factor(running);
        assert_eq!(slowdown.factor(0), 1.0);
        assert!((1..16).all(|n| throughput(n + 1) > throughput(n)));
        assert!((16..64).all(|n| (throughput(n + 1) - throughput(n)).abs() < 1e-9));
    }

    #[tokio::test]
    async fn slots_are_given_in_the_order_of_asking() {
        let slowdown = Slowdown { slots: NonZeroU32::new(1), capacity: NonZeroU32::MIN, growth: 0.0 };
        let load = Arc::new(Load::new(slowdown));
        let Ok(first) = load.enter() else { panic!("an idle server has a slot") };
        let Err(mut second) = load.enter() else { panic!("a full server has none") };
        let mut once = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(second.as_mut().poll(&mut once).is_pending());
        assert_eq!(load.running.load(Ordering::Relaxed), 1);
        drop(first);
        assert!(load.enter().is_err(), "the slot belongs to the one who waits");
        let second = second.await;
        assert_eq!(load.factor(), 1.0);
        drop(second);
        assert!(load.enter().is_ok());
    }
}
