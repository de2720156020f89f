//! The recorder: a thread that receives finished requests, writes the journal, computes metrics and reports progress.

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

/// The time between two reports to the observer.
const REFRESH: Duration = Duration::from_millis(100);
/// The delay before a record is written. When a request ends, its slot sends the next one; a recorder that woke up
/// at that moment would compete with the server for a core. On two cores that added 0.15 ms to every TTFT.
const FLUSH_DELAY: Duration = Duration::from_millis(1);

/// The length of the queue of records. When it is full, slots wait, so that a stalled disk does not fill the memory.
const QUEUE_LEN: usize = 2_048;

/// The state of the recorder at the end of a run.
pub(crate) struct Recorded {
    pub(crate) metrics: MetricsCollector,
    pub(crate) journal: Option<Journal>,
    pub(crate) observer: Box<dyn Observer>,
}

/// The receiver of the recorder's result, which is sent when all records are written.
pub(crate) type Finished = oneshot::Receiver<Result<Box<Recorded>, Error>>;

/// Starts the recorder of one run. It ends when the last sender of records is dropped.
pub(crate) fn start(
    journal: Option<Journal>,
    observer: Box<dyn Observer>,
    live: Live,
    metrics: MetricsCollector,
) -> Result<(mpsc::SyncSender<RequestRecord>, Finished), Error> {
    let (records, received) = mpsc::sync_channel(QUEUE_LEN);
    let (done, finished) = oneshot::channel();
    let recorder = Recorder { recorded: Recorded { metrics, journal, observer }, live };
    thread::Builder::new()
        .name("recorder".into())
        .spawn(move || {
            let recorded = catch_panic("recorder", || recorder.run(&received)).and_then(|result| result);
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
    /// Records requests until the last sender is dropped.
    fn run(mut self, records: &mpsc::Receiver<RequestRecord>) -> Result<Box<Recorded>, Error> {
        let mut reported = clock::now();
        loop {
            let wait = REFRESH.saturating_sub(clock::now().since(reported));
            match records.recv_timeout(wait) {
                Ok(first) => {
                    thread::sleep(FLUSH_DELAY);
                    self.record(std::iter::once(first).chain(records.try_iter()))?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if clock::now().since(reported) >= REFRESH {
                reported = clock::now();
                self.report()?;
            }
        }
        self.report()?;
        Ok(Box::new(self.recorded))
    }

    /// Reports the state of the run to the observer.
    fn report(&mut self) -> Result<(), Error> {
        let progress = self.live.progress();
        catch_panic("observer", || self.recorded.observer.progress(&progress))
    }

    /// Records finished requests with one write for all of them. Credentials are hidden before any other use of a
    /// record.
    fn record(&mut self, finished: impl Iterator<Item = RequestRecord>) -> Result<(), Error> {
        for mut record in finished {
            record.hide_credentials();
            if let Some(journal) = &mut self.recorded.journal {
                journal.add(&record)?;
            }
            self.live.add(&record);
            catch_panic("observer", || self.recorded.observer.request_ended(&record))?;
            let held = record.held_bytes;
            self.recorded.metrics.add(record);
            self.live.release(held);
        }
        self.recorded.journal.as_mut().map_or(Ok(()), Journal::flush)
    }
}
