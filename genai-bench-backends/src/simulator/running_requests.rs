//! The requests in flight on a server, and their slots.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::settings::Slowdown;

/// The requests in flight on one server.
#[derive(Debug)]
pub(super) struct RunningRequests {
    slowdown: Slowdown,
    running: AtomicU32,
    slots: Option<Arc<Semaphore>>,
}

impl RunningRequests {
    pub(super) fn new(slowdown: Slowdown) -> Self {
        let slots = slowdown.slots.map(|it| usize::try_from(it.get()).unwrap_or(Semaphore::MAX_PERMITS));
        let slots = slots.map(|it| Arc::new(Semaphore::new(it.min(Semaphore::MAX_PERMITS))));
        Self { slowdown, running: AtomicU32::new(0), slots }
    }

    /// Returns the current factor of all durations.
    pub(super) fn factor(&self) -> f64 {
        self.slowdown.factor(self.running.load(Ordering::Relaxed))
    }

    /// Returns a slot if one is free, or else the wait for one.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Slot, SlotWait> {
        let Some(slots) = &self.slots else { return Ok(self.run(None)) };
        if let Ok(permit) = Arc::clone(slots).try_acquire_owned() {
            return Ok(self.run(Some(permit)));
        }
        let (load, slots) = (Arc::clone(self), Arc::clone(slots));
        Err(Box::pin(async move {
            let permit = slots.acquire_owned().await.expect("the semaphore is never closed");
            load.run(Some(permit))
        }))
    }

    fn run(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> Slot {
        self.running.fetch_add(1, Ordering::Relaxed);
        Slot { load: Arc::clone(self), _permit: permit }
    }
}

/// The wait of a request for its [`Slot`].
pub(super) type SlotWait = Pin<Box<dyn Future<Output = Slot> + Send>>;

/// The slot of a running request; dropping it ends the request and lets the next one in.
#[derive(Debug)]
pub(super) struct Slot {
    load: Arc<RunningRequests>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.load.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[tokio::test]
    async fn slots_are_granted_in_the_order_of_requests() {
        let slowdown = Slowdown { slots: NonZeroU32::new(1), capacity: NonZeroU32::MIN, growth: 0.0 };
        let load = Arc::new(RunningRequests::new(slowdown));
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
