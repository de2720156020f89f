//! The live view of a run: the state that is reported to an observer.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::rate::RecentCount;
use crate::clock::{self, Instant};
use crate::exchange::LiveCounts;
use crate::observe::Progress;
use crate::plan::Limit;
use crate::record::RequestRecord;

/// The longest TTFT that the live view separates from longer ones: an hour.
const LONGEST_TTFT_US: u64 = 3_600_000_000;

/// The state of a run that is reported to an observer.
pub(crate) struct Live {
    began: Instant,
    progress: Progress,
    ttft_us: Histogram<u64>,
    answers: RecentCount,
    pieces: RecentCount,
    /// The number of pieces that are counted in `pieces`.
    seen_pieces: u64,
    /// The output tokens of finished requests whose server reports usage.
    counted_tokens: u64,
    /// The pieces in which `counted_tokens` arrived.
    counted_pieces: u64,
    live_counts: Arc<LiveCounts>,
}

impl Live {
    /// Creates the view of a run with this limit, whose requests are counted in `live_counts`.
    pub(crate) fn new(limit: Limit, live_counts: Arc<LiveCounts>) -> Self {
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
            counted_tokens: 0,
            counted_pieces: 0,
            live_counts,
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

    /// Subtracts the bytes of a recorded answer from the memory of the answers in flight.
    pub(super) fn release(&self, bytes: u64) {
        self.live_counts.release(bytes);
    }

    fn add_answer(&mut self, record: &RequestRecord) {
        self.progress.completed += 1;
        self.answers.add(clock::now().since(self.began), 1);
        if let Some(ttft) = record.first_output().and_then(|at| at.since(record.sent)) {
            self.ttft_us.saturating_record(u64::try_from(ttft.as_micros()).unwrap_or(u64::MAX));
        }
        if let Some(tokens) = record.usage.output.filter(|tokens| tokens.0 > 0) {
            self.counted_tokens += tokens.0;
            self.counted_pieces +=
                record.arrivals.iter().map(|arrival| u64::from(arrival.pieces)).sum::<u64>();
        }
    }

    /// Returns the state of the run now.
    pub(super) fn progress(&mut self) -> Progress {
        let now = clock::now();
        let elapsed = now.since(self.began);
        let pieces = self.live_counts.pieces();
        self.pieces.add(elapsed, pieces - self.seen_pieces);
        self.seen_pieces = pieces;
        let pieces_per_s = self.pieces.per_second(elapsed);
        let (tokens, in_pieces) = (self.counted_tokens, self.counted_pieces);
        let ttft_p50 = Duration::from_micros(self.ttft_us.value_at_quantile(0.5));
        Progress {
            elapsed,
            requests_per_s: self.answers.per_second(elapsed),
            ttft_p50: (!self.ttft_us.is_empty()).then_some(ttft_p50),
            in_flight: self.live_counts.in_flight(),
            silent_for: self.live_counts.silent_for(now),
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
    fn the_live_view_counts_finished_requests_by_outcome() {
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
        let median = progress.ttft_p50.expect("three requests have a TTFT").as_secs_f64();
        assert!((median - 0.030).abs() < 0.000_5, "{median}");
        assert_eq!(progress.output_tokens_per_s, None, "no server has reported usage");
    }

    #[tokio::test(start_paused = true)]
    async fn the_token_rate_is_the_piece_rate_times_tokens_per_piece() {
        let mut live = live();
        let mut record = RequestRecord::default();
        let mut events = Events::new(Offset::from_nanos(1), &mut record);
        (0..4).for_each(|_| events.text("x"));
        events.usage(Usage { output: Some(Tokens(10)), ..Usage::default() });
        live.add(&record);
        tokio::time::sleep(Duration::from_secs(2)).await;
        live.live_counts.add_pieces(80);
        let rate = live.progress().output_tokens_per_s;
        assert_eq!(rate, Some(100.0), "40 pieces per second of 2.5 tokens each");
    }
}
