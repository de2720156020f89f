//! Sessions, drawn ahead by their own thread so that nothing is drawn on the path of a stamp.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use crate::clock;
use crate::error::Error;
use crate::metrics::ClientHealth;
use crate::plan::{Limit, Run};
use crate::request::Session;
use crate::rng::{Rng, Stream};
use crate::sampler::{SampleError, Sampler, Wanted};

/// How many sessions are held ready at least: enough for a burst of short answers.
const FEWEST_READY: u32 = 256;

/// A session and its place in the run.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) index: u64,
    pub(crate) session: Session,
}

/// The sessions of a run, in order: session `i` depends on the seed, the run and `i` alone.
#[derive(Debug)]
pub(crate) struct Ahead {
    queue: tokio::sync::Mutex<mpsc::Receiver<Drawn>>,
    failure: Arc<Mutex<Option<SampleError>>>,
    scenario: String,
    waits: AtomicU64,
    wait_ns: AtomicU64,
}

impl Ahead {
    /// Starts to draw, and returns when as many sessions are ready as will ever be held.
    pub(crate) async fn start(
        run: &Run,
        sampler: Arc<dyn Sampler>,
        seed: u64,
        limit: Limit,
    ) -> Result<Self, Error> {
        let ready = run.level.load.slots().get().saturating_mul(2).max(FEWEST_READY);
        let (sender, receiver) = mpsc::channel(ready as usize);
        let (filled, full) = oneshot::channel();
        let failure = Arc::new(Mutex::new(None));
        let artist = Artist {
            run: run.clone(),
            sampler,
            seed,
            limit: limit.most_sessions().map_or(u64::MAX, u64::from),
            failure: Arc::clone(&failure),
        };
        let drawing = move || artist.draw(sender, filled, u64::from(ready));
        thread::Builder::new()
            .name("sampler".into())
            .spawn(drawing)
            .map_err(|_| Error::Lost("sampler thread"))?;
        let scenario = run.scenario.to_string();
        full.await.map_err(|_| Error::Lost("sampler thread"))?;
        let ahead = Self {
            queue: tokio::sync::Mutex::new(receiver),
            failure,
            scenario,
            waits: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
        };
        ahead.check()?;
        Ok(ahead)
    }

    /// The next session; `None` when the run has had all of its own, or no more can be made.
    pub(crate) async fn next(&self) -> Option<Drawn> {
        let mut queue = self.queue.lock().await;
        match queue.try_recv() {
            Ok(drawn) => Some(drawn),
            Err(mpsc::error::TryRecvError::Disconnected) => None,
            Err(mpsc::error::TryRecvError::Empty) => {
                let began = clock::now();
                let drawn = queue.recv().await?;
                let waited = u64::try_from(clock::now().since(began).as_nanos()).unwrap_or(u64::MAX);
                self.waits.fetch_add(1, Ordering::Relaxed);
                self.wait_ns.fetch_add(waited, Ordering::Relaxed);
                Some(drawn)
            }
        }
    }

    /// Whether drawing has failed.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), |source| Err(Error::Sample { scenario: self.scenario.clone(), source }))
    }

    /// How often and how long slots have waited.
    pub(crate) fn report(&self, health: &mut ClientHealth) {
        health.sampler_waits = self.waits.load(Ordering::Relaxed);
        health.sampler_wait_ns = self.wait_ns.load(Ordering::Relaxed);
    }
}

/// What the drawing thread owns.
struct Artist {
    run: Run,
    sampler: Arc<dyn Sampler>,
    seed: u64,
    limit: u64,
    failure: Arc<Mutex<Option<SampleError>>>,
}

impl Artist {
    /// Draws until the limit, a failure, or the end of the run; tells `filled` when the queue is full for the
    /// first time. A dropped `filled` does the same, so every way out of here wakes the waiting run.
    ///
    /// The queue is closed before the run is told that all is drawn: else a short run could be through with it
    /// first, and its slots would wait for this thread to say that there is no more.
    fn draw(&self, queue: mpsc::Sender<Drawn>, filled: oneshot::Sender<()>, ready: u64) {
        let mut filled = Some(filled);
        for index in 0..self.limit {
            if index == ready {
                let _ = filled.take().map(|it| it.send(()));
            }
            match self.session(index) {
                Ok(session) => {
                    if queue.blocking_send(Drawn { index, session }).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    break;
                }
            }
        }
        drop(queue);
        let _ = filled.take().map(|it| it.send(()));
    }

    /// Lengths depend on the scenario and not on the load, so that levels of a sweep compare; what is said
    /// depends on the run, so that no run finds its prompts in a server's cache.
    fn session(&self, index: u64) -> Result<Session, SampleError> {
        let scenario = self.run.scenario_number as u64;
        let shape = self.run.scenario.draw(&mut Rng::at(self.seed, Stream::Shape, scenario, index));
        let group = self.run.content_group;
        let mut content = Rng::at(self.seed, Stream::Content, group, index);
        let wanted = Wanted { batch_size: self.run.level.batch_size, group, index, ..Wanted::of(shape) };
        self.sampler.sample(&wanted, &mut content)
    }
}
