//! Inter-token latency: the gaps between arrivals of output.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::trace::Trace;
use crate::units::Tokens;

/// The longest gap that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(3_600);
/// Digits that a recorded gap keeps: an error of at most 0.1 %.
const DIGITS: u8 = 3;

/// The gaps of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerGaps {
    gaps: Vec<Duration>,
    arrivals: u64,
    bundled: u64,
    pieces: u64,
    tokens: Option<u64>,
}

impl AnswerGaps {
    /// The gaps between the stamps of `trace`, whose output had so many `tokens`.
    ///
    /// A gap is the time from one stamp to the next. Events that came in one chunk share a stamp, so a server
    /// or a network that bundles tokens shows longer gaps with more tokens in each, never gaps of nothing.
    #[must_use]
    pub fn of(trace: &Trace, tokens: Option<Tokens>) -> Self {
        let mut answer = Self { tokens: tokens.map(|it| it.0), ..Self::default() };
        for together in trace.arrivals.chunk_by(|a, b| a.at == b.at) {
            let pieces: u64 = together.iter().map(|it| u64::from(it.pieces)).sum();
            answer.arrivals += 1;
            answer.pieces += pieces;
            answer.bundled += u64::from(pieces > 1);
        }
        let pairs = trace.arrivals.windows(2).filter_map(|it| it[1].at.since(it[0].at));
        answer.gaps = pairs.filter(|it| !it.is_zero()).collect();
        answer
    }
}

/// The gaps of many answers, in a histogram.
#[derive(Clone, Debug)]
pub struct Gaps {
    histogram: Histogram<u64>,
    arrivals: u64,
    bundled: u64,
    pieces: u64,
    /// `None` as soon as one answer is not counted.
    tokens: Option<u64>,
}

impl Default for Gaps {
    fn default() -> Self {
        let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
        let histogram = Histogram::new_with_bounds(1_000, longest, DIGITS);
        let histogram = histogram.expect("a microsecond to an hour in three digits is a valid histogram");
        Self { histogram, arrivals: 0, bundled: 0, pieces: 0, tokens: Some(0) }
    }
}

impl Gaps {
    /// Adds the gaps of one answer.
    pub fn add(&mut self, answer: &AnswerGaps) {
        for gap in &answer.gaps {
            self.histogram.saturating_record(u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX));
        }
        self.arrivals += answer.arrivals;
        self.bundled += answer.bundled;
        self.pieces += answer.pieces;
        self.tokens = self.tokens.zip(answer.tokens).map(|(a, b)| a + b);
    }

    /// What the gaps look like together; `None` when there are none.
    #[must_use]
    pub fn stats(&self) -> Option<GapStats> {
        if self.histogram.is_empty() {
            return None;
        }
        let seconds = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
        let at = |quantile| seconds(self.histogram.value_at_quantile(quantile));
        let per_arrival = |amount: u64| amount as f64 / self.arrivals as f64;
        Some(GapStats {
            count: self.histogram.len(),
            mean_s: self.histogram.mean() / 1e9,
            min_s: seconds(self.histogram.min()),
            max_s: seconds(self.histogram.max()),
            p50_s: at(0.50),
            p90_s: at(0.90),
            p95_s: at(0.95),
            p99_s: at(0.99),
            p999_s: at(0.999),
            bundled_share: per_arrival(self.bundled),
            events_per_arrival: per_arrival(self.pieces),
            tokens_per_arrival: self.tokens.map(per_arrival),
            buckets: self.buckets(),
        })
    }

    /// Buckets in steps of a tenth of the value: fine enough to draw, few enough to store.
    fn buckets(&self) -> Vec<(f64, u64)> {
        let steps = self.histogram.iter_log(1_000, 1.1);
        let steps = steps.filter(|it| it.count_since_last_iteration() > 0);
        let bucket = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
        steps.map(|it| (bucket(it.value_iterated_to()), it.count_since_last_iteration())).collect()
    }
}

/// What the gaps between arrivals look like together. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapStats {
    /// How many gaps there were.
    pub count: u64,
    /// Their mean.
    pub mean_s: f64,
    /// The shortest.
    pub min_s: f64,
    /// The longest.
    pub max_s: f64,
    /// The median.
    pub p50_s: f64,
    /// One in ten is longer.
    pub p90_s: f64,
    /// One in twenty is longer.
    pub p95_s: f64,
    /// One in a hundred is longer.
    pub p99_s: f64,
    /// One in a thousand is longer.
    pub p999_s: f64,
    /// Which share of arrivals brought more than one event, from 0 to 1.
    pub bundled_share: f64,
    /// How many events an arrival brought, on average.
    pub events_per_arrival: f64,
    /// How many tokens an arrival brought, on average: above 1 a gap is no time per token. Absent when not
    /// every output was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_arrival: Option<f64>,
    /// Upper ends of buckets in seconds, each with how many gaps it holds.
    pub buckets: Vec<(f64, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;
    use crate::units::Offset;

    #[test]
    fn gaps_lie_between_stamps_and_not_between_events_of_one_chunk() {
        let mut trace = Trace::default();
        for (ms, events) in [(10, 1), (30, 3), (60, 1)] {
            let mut at = Events::arriving(Offset::from_nanos(ms * 1_000_000), &mut trace);
            for _ in 0..events {
                at.reasoning("hm");
                at.text("x");
            }
        }
        let mut gaps = Gaps::default();
        gaps.add(&AnswerGaps::of(&trace, Some(Tokens(30))));
        let stats = gaps.stats().unwrap();
        assert_eq!(stats.count, 2);
        assert!(
            (stats.min_s - 0.020).abs() < 0.000_02 && (stats.max_s - 0.030).abs() < 0.000_03,
            "{stats:?}"
        );
        assert_eq!((stats.bundled_share, stats.events_per_arrival), (1.0, 10.0 / 3.0));
        assert_eq!(stats.tokens_per_arrival, Some(10.0));
        assert_eq!(stats.buckets.iter().map(|it| it.1).sum::<u64>(), 2);
    }

    #[test]
    fn one_arrival_has_no_gap() {
        let mut trace = Trace::default();
        Events::arriving(Offset::ZERO, &mut trace).text("x");
        let mut gaps = Gaps::default();
        gaps.add(&AnswerGaps::of(&trace, None));
        assert_eq!(gaps.stats(), None);
    }
}
