//! The state of a run for an observer, kept up to date at little cost.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::rate::RecentCount;
use crate::clock::{self, Instant};
use crate::exchange::LiveCounts;
use crate::observe::Progress;
use crate::plan::Limit;
use crate::record::RequestRecord;

/// The longest time to first token that the live view tells apart from longer ones: an hour.
const LONGEST_TTFT_US: u64 = 3_600_000_000;

/// The state of a run for an observer.
pub(crate) struct Live {
    began: Instant,
    progress: Progress,
    ttft_us: Histogram<u64>,
    answers: RecentCount,
    pieces: RecentCount,
    /// The number of pieces that `pieces` knows of.
    seen_pieces: u64,
    /// The tokens of finished answers that the server counted, and the pieces in which they came.
    counted: (u64, u64),
    activity: Arc<LiveCounts>,
}

impl Live {
    /// Begins the view of a run with this limit, whose requests report to `activity`.
    pub(crate) fn new(limit: Limit, activity: Arc<LiveCounts>) -> Self {
        let progress = Progress {
            request_limit: limit.requests.or(limit.sessions).map(u64::from),
            time_limit: limit.time,
            ..Progress::default()
        };
        let ttft_us = Histogram::new_with_bounds(1, LONGEST_TTFT_US, 2);
        let ttft_us = ttft_us.expect("a microsecond to an hour in two digits is a valid histogram");
        Self {
            began: clock::now(),
            progress,
            ttft_us,
            answers: RecentCount::default(),
            pieces: RecentCount::default(),
            seen_pieces: 0,
            counted: (0, 0),
            activity,
        }
    }

    /// Adds a request that has ended.
    pub(super) fn add(&mut self, record: &RequestRecord) {
        match &record.failure {
            None => self.add_answer(record),
            Some(failure) if failure.is_cancellation() => self.progress.cancelled += 1,
            Some(failure) => {
                self.progress.failed += 1;
                *self.progress.failures.entry(failure.kind).or_default() += 1;
            }
        }
    }

    /// Takes what a recorded answer held off the memory of the answers in flight.
    pub(super) fn release(&self, bytes: u64) {
        self.activity.release(bytes);
    }

    fn add_answer(&mut self, record: &RequestRecord) {
        self.progress.completed += 1;
        self.answers.add(clock::now().since(self.began), 1);
        if let Some(ttft) = record.first_output().and_then(|it| it.since(record.sent)) {
            self.ttft_us.saturating_record(u64::try_from(ttft.as_micros()).unwrap_or(u64::MAX));
        }
        if let Some(tokens) = record.usage.output.filter(|tokens| tokens.0 > 0) {
            self.counted.0 += tokens.0;
            self.counted.1 += record.arrivals.iter().map(|it| u64::from(it.pieces)).sum::<u64>();
        }
    }

    /// Returns the state of the run now.
    pub(super) fn progress(&mut self) -> Progress {
        let now = clock::now();
        let elapsed = now.since(self.began);
        let pieces = self.activity.pieces();
        self.pieces.add(elapsed, pieces - self.seen_pieces);
        self.seen_pieces = pieces;
        let pieces_per_s = self.pieces.per_second(elapsed);
        let (tokens, in_pieces) = self.counted;
        let median = || Duration::from_micros(self.ttft_us.value_at_quantile(0.5));
        Progress {
            elapsed,
            requests_per_s: self.answers.per_second(elapsed),
            ttft_p50: (!self.ttft_us.is_empty()).then(median),
            in_flight: self.activity.in_flight(),
            silent_for: self.activity.silent_for(now),
            output_tokens_per_s: (in_pieces > 0).then(|| pieces_per_s * tokens as f64 / in_pieces as f64),
            ..self.progress.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::backend::Events;

    use crate::failure::{Failure, FailureKind};
    use crate::record::Usage;
    use crate::units::{Offset, Tokens};

    fn live() -> Live {
        Live::new(Limit::default(), Arc::default())
    }

    #[test]
    fn the_live_view_counts_what_has_ended() {
        let mut live = live();
        for ttft_ms in [20, 30, 40] {
            let mut record = RequestRecord::default();
            Events::new(Offset::from_nanos(ttft_ms * 1_000_000), &mut record).text("x");
            live.add(&record);
        }
        live.add(&RequestRecord { failure: Some(Failure::in_band("no")), ..RequestRecord::default() });
        live.add(&RequestRecord { failure: Some(Failure::cancelled()), ..RequestRecord::default() });
        let progress = live.progress();
        assert_eq!((progress.completed, progress.failed, progress.cancelled), (3, 1, 1));
        assert_eq!(progress.failures, BTreeMap::from([(FailureKind::InBand, 1)]));
        let median = progress.ttft_p50.expect("three have one").as_secs_f64();
        assert!((median - 0.030).abs() < 0.000_5, "{median}");
        assert_eq!(progress.output_tokens_per_s, None, "no server has counted");
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_a_second_are_pieces_times_what_a_piece_has() {
        let mut live = live();
        let mut record = RequestRecord::default();
        let mut events = Events::new(Offset::from_nanos(1), &mut record);
        (0..4).for_each(|_| events.text("x"));
        events.usage(Usage { output: Some(Tokens(10)), ..Usage::default() });
        live.add(&record);
        tokio::time::sleep(Duration::from_secs(2)).await;
        live.activity.add_pieces(80);
        let speed = live.progress().output_tokens_per_s;
        assert_eq!(speed, Some(100.0), "40 pieces a second of 2.5 tokens");
    }
}
