//! Inter-token latency: the gaps between arrivals of output.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// The longest gap that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(3_600);
/// Digits that a recorded gap keeps: an error of at most 0.1 %.
const DIGITS: u8 = 3;

/// The gaps between arrivals, in a histogram.
///
/// A gap is the time from one stamp to the next stamp of the same answer. Events that came in one chunk share
/// a stamp, so a server or a network that bundles tokens shows longer gaps with more tokens in each, never
/// gaps of nothing: [`GapStats::bundled_share`] says how often that was so.
#[derive(Clone, Debug)]
pub struct Gaps {
    histogram: Histogram<u64>,
    arrivals: u64,
    bundled: u64,
}

impl Default for Gaps {
    fn default() -> Self {
        let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
        let histogram = Histogram::new_with_bounds(1_000, longest, DIGITS);
        let histogram = histogram.expect("a microsecond to an hour in three digits is a valid histogram");
        Self { histogram, arrivals: 0, bundled: 0 }
    }
}

impl Gaps {
    /// Adds the gaps of one answer.
    pub fn add(&mut self, trace: &Trace) {
        let mut before = None;
        let mut pieces = 0;
        for arrival in &trace.arrivals {
            if before == Some(arrival.at) {
                pieces += arrival.pieces;
                continue;
            }
            if let Some(gap) = before.and_then(|before| arrival.at.since(before)) {
                self.histogram.saturating_record(u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX));
            }
            self.close(pieces);
            (before, pieces) = (Some(arrival.at), arrival.pieces);
        }
        self.close(pieces);
    }

    /// What the gaps look like together; `None` when there are none.
    #[must_use]
    pub fn stats(&self) -> Option<GapStats> {
        if self.histogram.is_empty() {
            return None;
        }
        let seconds = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
        let at = |quantile| seconds(self.histogram.value_at_quantile(quantile));
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
            bundled_share: self.bundled as f64 / self.arrivals as f64,
            buckets: self.buckets(),
        })
    }

    fn close(&mut self, pieces: u32) {
        self.arrivals += u64::from(pieces > 0);
        self.bundled += u64::from(pieces > 1);
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
        gaps.add(&trace);
        let stats = gaps.stats().unwrap();
        assert_eq!(stats.count, 2);
        assert!(
            (stats.min_s - 0.020).abs() < 0.000_02 && (stats.max_s - 0.030).abs() < 0.000_03,
            "{stats:?}"
        );
        assert_eq!(stats.bundled_share, 1.0);
        assert_eq!(stats.buckets.iter().map(|it| it.1).sum::<u64>(), 2);
    }

    #[test]
    fn one_arrival_has_no_gap() {
        let mut trace = Trace::default();
        Events::arriving(Offset::ZERO, &mut trace).text("x");
        let mut gaps = Gaps::default();
        gaps.add(&trace);
        assert_eq!(gaps.stats(), None);
    }
}
