//! The thread that takes traces as they end: it writes the journal, keeps the tally and tells the observer.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock;
use crate::error::{Error, catch_panic};
use crate::experiment::Journal;
use crate::metrics::Tally;
use crate::observe::Observer;
use crate::trace::Trace;

mod live;
mod rate;

pub(crate) use live::Live;

/// How often the observer is told.
const REFRESH: Duration = Duration::from_millis(100);
/// How long a trace lies before it is written. When a request ends, its slot sends the next one: this thread must
/// not wake up beside the server's at that very moment. On two cores that showed as 0.15 ms in every time to
/// first token.
const BREATH: Duration = Duration::from_millis(1);

/// The most traces that wait for the recorder. When there are as many, slots wait: a disk that stalls must not fill
/// the memory.
const MOST_PENDING: usize = 2_048;

/// What comes back when a run is over.
pub(crate) struct Recorded {
    pub(crate) tally: Tally,
    pub(crate) journal: Option<Journal>,
    pub(crate) observer: Box<dyn Observer>,
}

/// The recorder's own end of a run: what came of it, when all traces are in.
pub(crate) type Finished = oneshot::Receiver<Result<Box<Recorded>, Error>>;

/// Starts the thread of one run. It ends when the last sender of traces is gone.
pub(crate) fn start(
    journal: Option<Journal>,
    observer: Box<dyn Observer>,
    live: Live,
    tally: Tally,
) -> Result<(mpsc::SyncSender<Trace>, Finished), Error> {
    let (traces, received) = mpsc::sync_channel(MOST_PENDING);
    let (done, finished) = oneshot::channel();
    let scribe = Scribe { recorded: Recorded { tally, journal, observer }, live };
    thread::Builder::new()
        .name("recorder".into())
        .spawn(move || {
            let recorded = catch_panic("recorder", || scribe.record(&received)).and_then(|it| it);
            drop(done.send(recorded));
        })
        .map_err(|_| Error::Lost("recorder thread"))?;
    Ok((traces, finished))
}

struct Scribe {
    recorded: Recorded,
    live: Live,
}

impl Scribe {
    fn record(mut self, traces: &mpsc::Receiver<Trace>) -> Result<Box<Recorded>, Error> {
        let mut told = clock::now();
        loop {
            let wait = REFRESH.saturating_sub(clock::now().since(told));
            match traces.recv_timeout(wait) {
                Ok(first) => {
                    thread::sleep(BREATH);
                    self.take(std::iter::once(first).chain(traces.try_iter()))?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if clock::now().since(told) >= REFRESH {
                told = clock::now();
                self.report()?;
            }
        }
        self.report()?;
        Ok(Box::new(self.recorded))
    }

    /// Tells the observer the state of the run.
    fn report(&mut self) -> Result<(), Error> {
        let progress = self.live.progress();
        catch_panic("observer", || self.recorded.observer.progress(&progress))
    }

    /// Takes all that has ended by now: one write for all of it. Credentials are hidden before anything else sees a record.
    fn take(&mut self, ended: impl Iterator<Item = Trace>) -> Result<(), Error> {
        for mut trace in ended {
            trace.hide_credentials();
            if let Some(journal) = &mut self.recorded.journal {
                journal.add(&trace)?;
            }
            self.live.add(&trace);
            let held = trace.held_bytes;
            self.recorded.tally.add(trace);
            self.live.release(held);
        }
        self.recorded.journal.as_mut().map_or(Ok(()), Journal::flush)
    }
}
