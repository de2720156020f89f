//! The thread that takes records as they end: it writes the journal, keeps the tally and tells the observer.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock;
use crate::error::{Error, catch_panic};
use crate::experiment::Journal;
use crate::metrics::MetricsCollector;
use crate::observe::Observer;
use crate::record::RequestRecord;

mod live;
mod rate;

pub(crate) use live::Live;

/// How often the observer is told.
const REFRESH: Duration = Duration::from_millis(100);
/// How long a record lies before it is written. When a request ends, its slot sends the next one: this thread must
/// not wake up beside the server's at that very moment. On two cores that showed as 0.15 ms in every time to
/// first token.
const FLUSH_DELAY: Duration = Duration::from_millis(1);

/// The most records that wait for the recorder. When there are as many, slots wait: a disk that stalls must not fill
/// the memory.
const MOST_PENDING: usize = 2_048;

/// What comes back when a run is over.
pub(crate) struct Recorded {
    pub(crate) tally: MetricsCollector,
    pub(crate) journal: Option<Journal>,
    pub(crate) observer: Box<dyn Observer>,
}

/// The recorder's own end of a run: what came of it, when all records are in.
pub(crate) type Finished = oneshot::Receiver<Result<Box<Recorded>, Error>>;

/// Starts the thread of one run. It ends when the last sender of records is gone.
pub(crate) fn start(
    journal: Option<Journal>,
    observer: Box<dyn Observer>,
    live: Live,
    tally: MetricsCollector,
) -> Result<(mpsc::SyncSender<RequestRecord>, Finished), Error> {
    let (records, received) = mpsc::sync_channel(MOST_PENDING);
    let (done, finished) = oneshot::channel();
    let scribe = Recorder { recorded: Recorded { tally, journal, observer }, live };
    thread::Builder::new()
        .name("recorder".into())
        .spawn(move || {
            let recorded = catch_panic("recorder", || scribe.record(&received)).and_then(|it| it);
            drop(done.send(recorded));
        })
        .map_err(|_| Error::Lost("recorder thread"))?;
    Ok((records, finished))
}

struct Recorder {
    recorded: Recorded,
    live: Live,
}

impl Recorder {
    fn record(mut self, records: &mpsc::Receiver<RequestRecord>) -> Result<Box<Recorded>, Error> {
        let mut told = clock::now();
        loop {
            let wait = REFRESH.saturating_sub(clock::now().since(told));
            match records.recv_timeout(wait) {
                Ok(first) => {
                    thread::sleep(FLUSH_DELAY);
                    self.take(std::iter::once(first).chain(records.try_iter()))?;
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
    fn take(&mut self, ended: impl Iterator<Item = RequestRecord>) -> Result<(), Error> {
        for mut record in ended {
            record.hide_credentials();
            if let Some(journal) = &mut self.recorded.journal {
                journal.add(&record)?;
            }
            self.live.add(&record);
            catch_panic("observer", || self.recorded.observer.request_ended(&record))?;
            let held = record.held_bytes;
            self.recorded.tally.add(record);
            self.live.release(held);
        }
        self.recorded.journal.as_mut().map_or(Ok(()), Journal::flush)
    }
}
