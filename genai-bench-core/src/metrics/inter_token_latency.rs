//! Inter-token latency: the gaps between arrivals of output.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use std::time::Duration;

use super::Bundling;
use super::bundling::{are_a_bundle, is_name_alone, reads};
use crate::record::RequestRecord;
use crate::units::Tokens;

/// The longest gap that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(3_600);
/// Digits that a recorded gap keeps: an error of at most 0.1 %.
const DIGITS: u8 = 3;
/// The shortest gap that is told apart from shorter ones, in nanoseconds.
const SHORTEST_NANOS: u64 = 1_000;

/// The gaps of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerGaps {
    /// In nanoseconds: seven digits are more than a histogram keeps, in half the memory of a `Duration`.
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
    /// Computes the gaps between the stamps of `record`, whose output had so many `tokens` that were seen arriving.
    ///
    /// A gap is the time from one read to the next. Events of one read share a stamp, or have stamps less than
    /// 50 µs apart when each is an HTTP chunk of its own; so a server or a network that bundles tokens shows longer
    /// gaps with more tokens in each, never gaps of nothing.
    #[must_use]
    pub fn new(record: &RequestRecord, tokens: Option<Tokens>) -> Self {
        let reads = reads(&record.arrivals);
        let small = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
        let bundled = reads.iter().filter(|read| read.events > 1);
        let is_streamed = !record.unstreamed && record.has_tokens();
        let gaps = reads.windows(2).filter_map(|pair| pair[1].at.since(pair[0].at));
        Self {
            gaps: gaps.map(|gap| gap.as_nanos() as f32).collect(),
            reads: small(reads.len() as u64),
            bundled_reads: small(bundled.clone().count() as u64),
            events: small(reads.iter().map(|read| read.events).sum()),
            bundled_events: small(bundled.map(|read| read.events).sum()),
            tokens,
            is_streamed,
            is_bundled: is_streamed && !is_name_alone(record) && are_a_bundle(&reads, tokens),
        }
    }

    /// How many gaps there are.
    pub(super) fn len(&self) -> usize {
        self.gaps.len()
    }
}

/// The gaps of many answers, in a histogram.
#[derive(Clone, Debug)]
pub struct InterTokenLatency {
    histogram: Histogram<u32>,
    reads: u64,
    bundled_reads: u64,
    events: u64,
    bundled_events: u64,
    streamed_answers: u64,
    bundled_answers: u64,
    /// `None` as soon as one answer is not counted.
    tokens: Option<u64>,
}

impl Default for InterTokenLatency {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(SHORTEST_NANOS, 2 * SHORTEST_NANOS, DIGITS);
        let mut histogram = histogram.expect("one to two microseconds in three digits is a valid histogram");
        // It grows with the longest gap, so that many of them take little memory.
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
            // It grows as needed, so that nothing is refused.
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

    /// Adds all gaps of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        // Both have the same digits, and this one grows: nothing can be refused.
        let _ = self.histogram.add(&other.histogram);
        self.reads += other.reads;
        self.bundled_reads += other.bundled_reads;
        self.events += other.events;
        self.bundled_events += other.bundled_events;
        self.streamed_answers += other.streamed_answers;
        self.bundled_answers += other.bundled_answers;
        self.tokens = self.tokens.zip(other.tokens).map(|(sum, more)| sum.saturating_add(more));
    }

    /// Summarizes the gaps; `None` when there are none.
    #[must_use]
    pub fn stats(&self) -> Option<GapStats> {
        if self.histogram.is_empty() {
            return None;
        }
        let seconds = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
        let at = |quantile| seconds(self.histogram.value_at_quantile(quantile));
        let per_read = |amount: u64| amount as f64 / self.reads as f64;
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
            bundled_share: per_read(self.bundled_reads),
            events_per_arrival: per_read(self.events),
            tokens_per_arrival: self.tokens.map(per_read),
            buckets: self.buckets(),
        })
    }

    /// Summarizes how much output arrived together; `None` where no answer was streamed.
    #[must_use]
    pub fn bundling(&self) -> Option<Bundling> {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        (self.streamed_answers > 0).then(|| Bundling {
            answers: self.bundled_answers,
            answer_share: share(self.bundled_answers, self.streamed_answers),
            event_share: share(self.bundled_events, self.events),
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
    /// The share of reads that brought more than one event, from 0 to 1.
    pub bundled_share: f64,
    /// How many events a read brought, on average.
    pub events_per_arrival: f64,
    /// How many tokens a read brought, on average: above 1 a gap is no time per token. Absent when not every
    /// output was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_arrival: Option<f64>,
    /// Upper ends of buckets in seconds, each with how many gaps it holds.
    pub buckets: Vec<(f64, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::units::Offset;

    #[test]
    fn gaps_lie_between_stamps_and_not_between_events_of_one_chunk() {
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
        assert_eq!(stats.buckets.iter().map(|it| it.1).sum::<u64>(), 2);
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
    fn stamps_of_one_read_have_no_gap_between_them() {
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
    fn answers_of_one_arrival_each_show_their_bundling() {
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
        let gaps_of = |gap_ms: u64| {
            let mut record = RequestRecord::default();
            for nanos in [0, gap_ms * 1_000_000] {
                Events::new(Offset::from_nanos(nanos), &mut record).text("x");
            }
            let mut gaps = InterTokenLatency::default();
            gaps.add(&AnswerGaps::new(&record, Some(Tokens(2))));
            gaps
        };
        let mut both = gaps_of(1);
        both.merge(&gaps_of(4_000));
        let stats = both.stats().unwrap();
        assert_eq!((stats.count, stats.tokens_per_arrival), (2, Some(1.0)));
        assert!(stats.min_s < 0.0011 && stats.max_s > 3.99, "{stats:?}");
    }
}
