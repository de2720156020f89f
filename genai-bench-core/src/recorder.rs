//! The thread that takes traces as they end: it writes the journal, keeps the tally and tells the observer.

use std::collections::VecDeque;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::sync::oneshot;

use crate::clock::{self, Instant};
use crate::error::{Error, catch_panic};
use crate::experiment::Journal;
use crate::metrics::{RunFacts, Tally};
use crate::observe::{Observer, Progress};
use crate::plan::Limit;
use crate::trace::Trace;

/// How often the observer is told.
const REFRESH: Duration = Duration::from_millis(100);
/// How long a trace lies before it is written. When a request ends, its slot sends the next one: this thread must
/// not wake up beside the server's at that very moment. On two cores that showed as 0.15 ms in every time to
/// first token.
const BREATH: Duration = Duration::from_millis(1);
/// Over how long the live rate is taken.
const RATE_SPAN: Duration = Duration::from_secs(3);

/// The longest time to first token that the live view tells apart from longer ones: an hour.
const LONGEST_TTFT_US: u64 = 3_600_000_000;

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
    limit: Limit,
    facts: &RunFacts,
) -> Result<(mpsc::Sender<Trace>, Finished), Error> {
    let (traces, received) = mpsc::channel();
    let (done, finished) = oneshot::channel();
    let scribe =
        Scribe { recorded: Recorded { tally: Tally::of(facts), journal, observer }, live: Live::new(limit) };
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

    /// Takes all that has ended by now: one write for all of it.
    fn take(&mut self, ended: impl Iterator<Item = Trace>) -> Result<(), Error> {
        for trace in ended {
            if let Some(journal) = &mut self.recorded.journal {
                journal.add(&trace)?;
            }
            self.live.add(&trace);
            self.recorded.tally.add(trace);
        }
        self.recorded.journal.as_mut().map_or(Ok(()), Journal::flush)
    }
}

/// What an observer is told, kept up to date at little cost.
struct Live {
    began: Instant,
    progress: Progress,
    ttft_us: Histogram<u64>,
    recent: VecDeque<Instant>,
}

impl Live {
    fn new(limit: Limit) -> Self {
        let progress = Progress {
            request_limit: limit.requests.or(limit.sessions).map(u64::from),
            time_limit: limit.time,
            ..Progress::default()
        };
        let ttft_us = Histogram::new_with_bounds(1, LONGEST_TTFT_US, 2);
        let ttft_us = ttft_us.expect("a microsecond to an hour in two digits is a valid histogram");
        Self { began: clock::now(), progress, ttft_us, recent: VecDeque::new() }
    }

    fn add(&mut self, trace: &Trace) {
        match &trace.failure {
            None => {
                self.progress.completed += 1;
                self.recent.push_back(clock::now());
                if let Some(ttft) = trace.first_output().and_then(|it| it.since(trace.sent)) {
                    self.ttft_us.saturating_record(u64::try_from(ttft.as_micros()).unwrap_or(u64::MAX));
                }
            }
            Some(failure) => self.progress.failed += u64::from(!failure.is_cancellation()),
        }
    }

    fn progress(&mut self) -> Progress {
        let now = clock::now();
        while self.recent.front().is_some_and(|it| now.since(*it) > RATE_SPAN) {
            self.recent.pop_front();
        }
        let elapsed = now.since(self.began);
        let span = elapsed.min(RATE_SPAN).as_secs_f64().max(REFRESH.as_secs_f64());
        let median = || Duration::from_micros(self.ttft_us.value_at_quantile(0.5));
        Progress {
            elapsed,
            requests_per_s: self.recent.len() as f64 / span,
            ttft_p50: (!self.ttft_us.is_empty()).then(median),
            ..self.progress
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;
    use crate::failure::Failure;
    use crate::units::Offset;

    #[test]
    fn the_live_view_counts_what_has_ended() {
        let mut live = Live::new(Limit::default());
        for ttft_ms in [20, 30, 40] {
            let mut trace = Trace::default();
            Events::arriving(Offset::from_nanos(ttft_ms * 1_000_000), &mut trace).text("x");
            live.add(&trace);
        }
        live.add(&Trace { failure: Some(Failure::in_band("no")), ..Trace::default() });
        live.add(&Trace { failure: Some(Failure::cancelled()), ..Trace::default() });
        let progress = live.progress();
        assert_eq!((progress.completed, progress.failed), (3, 1));
        let median = progress.ttft_p50.expect("three have one").as_secs_f64();
        assert!((median - 0.030).abs() < 0.000_5, "{median}");
    }
}
