//! Inter-token latency: the gaps between arrivals of output.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::Bundling;
use super::bundling::{are_a_bundle, is_name_alone, reads};
use crate::record::RequestRecord;
use crate::units::Tokens;

/// The longest gap that the histogram separates from longer ones.
const LONGEST: Duration = Duration::from_secs(3_600);
/// The number of significant digits of a recorded gap: an error of at most 0.1 %.
const DIGITS: u8 = 3;
/// The shortest gap that the histogram separates from shorter ones, in nanoseconds.
const SHORTEST_NANOS: u64 = 1_000;

/// The gaps between the reads of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerGaps {
    /// The gaps in nanoseconds: seven digits are more than the histogram has, in half the memory of a `u64`.
    gaps: Box<[f32]>,
    reads: u32,
    bundled_reads: u32,
    events: u32,
    bundled_events: u32,
    tokens: Option<Tokens>,
    is_streamed: bool,
    is_bundled: bool,
}

impl AnswerGaps {
    /// Creates the gaps of `record`, whose output has this many visible tokens.
    ///
    /// A gap is the time from one read to the next. Events of one read have the same time stamp, or time stamps less than
    /// 50 µs apart when each is an HTTP chunk of its own. A server or a network that bundles tokens therefore has longer
    /// gaps with more tokens in each, and no gaps of zero length.
    #[must_use]
    pub fn new(record: &RequestRecord, tokens: Option<Tokens>) -> Self {
        let reads = reads(&record.arrivals);
        let bundled = reads.iter().filter(|read| read.events > 1);
        let is_streamed = !record.unstreamed && record.has_tokens();
        let gaps = reads.windows(2).filter_map(|pair| pair[1].at.since(pair[0].at));
        Self {
            gaps: gaps.map(|gap| gap.as_nanos() as f32).collect(),
            reads: to_u32(reads.len() as u64),
            bundled_reads: to_u32(bundled.clone().count() as u64),
            events: to_u32(reads.iter().map(|read| read.events).sum()),
            bundled_events: to_u32(bundled.map(|read| read.events).sum()),
            tokens,
            is_streamed,
            is_bundled: is_streamed && !is_name_alone(record) && are_a_bundle(&reads, tokens),
        }
    }

    /// Returns the number of gaps.
    pub(super) fn len(&self) -> usize {
        self.gaps.len()
    }
}

/// Returns the count in 32 bits; the largest value for a count that does not fit.
fn to_u32(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A histogram of the gaps of many answers.
#[derive(Clone, Debug)]
pub struct InterTokenLatency {
    histogram: Histogram<u32>,
    reads: u64,
    bundled_reads: u64,
    events: u64,
    bundled_events: u64,
    streamed_answers: u64,
    bundled_answers: u64,
    /// `None` if an answer has no token count.
    tokens: Option<u64>,
}

impl Default for InterTokenLatency {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(SHORTEST_NANOS, 2 * SHORTEST_NANOS, DIGITS);
        let mut histogram = histogram.expect("one to two microseconds in three digits is a valid histogram");
        // Histograms grow with their longest gap, so that those of short gaps are small.
        histogram.auto(true);
        Self {
            histogram,
            reads: 0,
            bundled_reads: 0,
            events: 0,
            bundled_events: 0,
            streamed_answers: 0,
            bundled_answers: 0,
            tokens: Some(0),
        }
    }
}

impl InterTokenLatency {
    /// Adds the gaps of one answer.
    pub fn add(&mut self, answer: &AnswerGaps) {
        for gap in &answer.gaps {
            let nanos = (*gap as u64).min(u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX));
            // The histogram grows as needed, so that no value is rejected.
            let _ = self.histogram.record(nanos);
        }
        self.reads += u64::from(answer.reads);
        self.bundled_reads += u64::from(answer.bundled_reads);
        self.events += u64::from(answer.events);
        self.bundled_events += u64::from(answer.bundled_events);
        self.streamed_answers += u64::from(answer.is_streamed);
        self.bundled_answers += u64::from(answer.is_bundled);
        self.tokens = self.tokens.zip(answer.tokens).map(|(sum, more)| sum.saturating_add(more.0));
    }

    /// Adds the gaps of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        // Both have the same number of digits, and this histogram grows: no value is rejected.
        let _ = self.histogram.add(&other.histogram);
        self.reads += other.reads;
        self.bundled_reads += other.bundled_reads;
        self.events += other.events;
        self.bundled_events += other.bundled_events;
        self.streamed_answers += other.streamed_answers;
        self.bundled_answers += other.bundled_answers;
        self.tokens = self.tokens.zip(other.tokens).map(|(sum, more)| sum.saturating_add(more));
    }

    /// Returns the statistics of the gaps; `None` when there are none.
    #[must_use]
    pub fn stats(&self) -> Option<GapStats> {
        if self.histogram.is_empty() {
            return None;
        }
        let [p50_s, p90_s, p95_s, p99_s, p999_s] = [0.50, 0.90, 0.95, 0.99, 0.999]
            .map(|quantile| nanos_to_s(self.histogram.value_at_quantile(quantile)));
        let reads = self.reads as f64;
        Some(GapStats {
            count: self.histogram.len(),
            mean_s: self.histogram.mean() / 1e9,
            min_s: nanos_to_s(self.histogram.min()),
            max_s: nanos_to_s(self.histogram.max()),
            p50_s,
            p90_s,
            p95_s,
            p99_s,
            p999_s,
            bundled_share: self.bundled_reads as f64 / reads,
            events_per_arrival: self.events as f64 / reads,
            tokens_per_arrival: self.tokens.map(|tokens| tokens as f64 / reads),
            buckets: self.buckets(),
        })
    }

    /// Returns the share of output that arrived together; `None` if no answer was streamed.
    #[must_use]
    pub fn bundling(&self) -> Option<Bundling> {
        (self.streamed_answers > 0).then(|| Bundling {
            answers: self.bundled_answers,
            answer_share: share(self.bundled_answers, self.streamed_answers),
            event_share: share(self.bundled_events, self.events),
        })
    }

    /// Returns the buckets that are not empty. Each is a tenth wider than the one before, which is enough for a plot.
    fn buckets(&self) -> Vec<(f64, u64)> {
        self.histogram
            .iter_log(1_000, 1.1)
            .filter(|bucket| bucket.count_since_last_iteration() > 0)
            .map(|bucket| (nanos_to_s(bucket.value_iterated_to()), bucket.count_since_last_iteration()))
            .collect()
    }
}

fn nanos_to_s(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

/// Returns `part / whole`; 0 for a whole of 0.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The statistics of the gaps between arrivals. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapStats {
    /// The number of gaps.
    pub count: u64,
    /// The mean.
    pub mean_s: f64,
    /// The shortest gap.
    pub min_s: f64,
    /// The longest gap.
    pub max_s: f64,
    /// The 50th percentile, the median.
    pub p50_s: f64,
    /// The 90th percentile.
    pub p90_s: f64,
    /// The 95th percentile.
    pub p95_s: f64,
    /// The 99th percentile.
    pub p99_s: f64,
    /// The 99.9th percentile.
    pub p999_s: f64,
    /// The share of reads with more than one event, from 0 to 1.
    pub bundled_share: f64,
    /// The mean number of events per read.
    pub events_per_arrival: f64,
    /// The mean number of tokens per read: above 1, a gap is not the time of one token. Absent if an output has no token
    /// count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_arrival: Option<f64>,
    /// The upper limits of buckets in seconds, each with its number of gaps.
    pub buckets: Vec<(f64, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::units::Offset;

    #[test]
    fn gaps_are_between_reads_and_not_between_events_of_one_read() {
        let mut record = RequestRecord::default();
        for (ms, events) in [(10, 1), (30, 3), (60, 1)] {
            let mut at = Events::new(Offset::from_nanos(ms * 1_000_000), &mut record);
            for _ in 0..events {
                at.reasoning("hm");
                at.text("x");
            }
        }
        let mut gaps = InterTokenLatency::default();
        gaps.add(&AnswerGaps::new(&record, Some(Tokens(30))));
        let stats = gaps.stats().unwrap();
        assert_eq!(stats.count, 2);
        assert!(
            (stats.min_s - 0.020).abs() < 0.000_02 && (stats.max_s - 0.030).abs() < 0.000_03,
            "{stats:?}"
        );
        assert_eq!((stats.bundled_share, stats.events_per_arrival), (1.0, 10.0 / 3.0));
        assert_eq!(stats.tokens_per_arrival, Some(10.0));
        assert_eq!(stats.buckets.iter().map(|(_, count)| count).sum::<u64>(), 2);
    }

    #[test]
    fn one_arrival_has_no_gap() {
        let mut record = RequestRecord::default();
        Events::new(Offset::ZERO, &mut record).text("x");
        let mut gaps = InterTokenLatency::default();
        gaps.add(&AnswerGaps::new(&record, None));
        assert_eq!(gaps.stats(), None);
    }

    #[test]
    fn time_stamps_of_one_read_have_no_gap_between_them() {
        let mut record = RequestRecord::default();
        for micros in [10_000, 10_012, 10_030, 22_000, 22_049] {
            Events::new(Offset::from_nanos(micros * 1_000), &mut record).text("x");
        }
        let mut gaps = InterTokenLatency::default();
        gaps.add(&AnswerGaps::new(&record, Some(Tokens(5))));
        let stats = gaps.stats().unwrap();
        assert_eq!((stats.count, stats.bundled_share, stats.events_per_arrival), (1, 1.0, 2.5));
        assert!((stats.min_s - 0.011_99).abs() < 0.000_02, "{stats:?}");
        assert_eq!(gaps.bundling().unwrap().event_share, 1.0);
    }

    #[test]
    fn an_answer_in_one_read_is_bundled() {
        let mut record = RequestRecord::default();
        let mut events = Events::new(Offset::from_nanos(10), &mut record);
        (0..8).for_each(|_| events.text("x"));
        let mut gaps = InterTokenLatency::default();
        gaps.add(&AnswerGaps::new(&record, Some(Tokens(8))));
        assert_eq!(gaps.stats(), None);
        let bundling = gaps.bundling().unwrap();
        assert_eq!((bundling.answers, bundling.answer_share, bundling.event_share), (1, 1.0, 1.0));
    }

    #[test]
    fn merged_gaps_are_those_of_both() {
        let mut both = one_gap(1);
        both.merge(&one_gap(4_000));
        let stats = both.stats().unwrap();
        assert_eq!((stats.count, stats.tokens_per_arrival), (2, Some(1.0)));
        assert!(stats.min_s < 0.0011 && stats.max_s > 3.99, "{stats:?}");
    }

    fn one_gap(gap_ms: u64) -> InterTokenLatency {
        let mut record = RequestRecord::default();
        for nanos in [0, gap_ms * 1_000_000] {
            Events::new(Offset::from_nanos(nanos), &mut record).text("x");
        }
        let mut gaps = InterTokenLatency::default();
        gaps.add(&AnswerGaps::new(&record, Some(Tokens(2))));
        gaps
    }
}
