//! Uniform samples of rows whose number is not known in advance.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::record::Record;
use crate::rng::{Rng, Stream};

/// The group of the random draws of the sample, which no prompt shares.
const GROUP: u64 = 0;

/// The size and the seed of the sample of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sample {
    /// The maximum number of rows.
    pub rows: usize,
    /// The maximum memory of the rows, in bytes. A sample that would need more is halved.
    pub bytes: u64,
    /// The seed of the choice of rows.
    pub seed: u64,
    /// `true` if rows that cannot be read are left out and counted. Otherwise the first one is an error.
    pub skips_bad_rows: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self { rows: 10_000, bytes: 256 << 20, seed: 0, skips_bad_rows: false }
    }
}

impl Sample {
    /// Creates a sample of the default size that is drawn by `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Sets the maximum number of rows.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Leaves out rows that cannot be read, and counts them.
    #[must_use]
    pub fn skipping_bad_rows(mut self) -> Self {
        self.skips_bad_rows = true;
        self
    }

    /// Sets the maximum memory of the rows, in bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }
}

/// A uniform sample of the records that are added.
///
/// Each record gets a random number by the seed and its place, and the records with the smallest numbers are kept. So a
/// smaller sample is a part of a larger one, and the choice depends on the number of records alone.
pub(super) struct Reservoir {
    /// The maximum number of records.
    capacity: usize,
    max_bytes: u64,
    seed: u64,
    kept: BinaryHeap<Kept>,
    bytes: u64,
    seen: u64,
}

/// A record of the sample, ordered by its random number and its place.
struct Kept {
    drawn: (u64, u64),
    record: Record,
}

impl Reservoir {
    pub(super) fn new(sample: Sample) -> Self {
        let Sample { rows, bytes, seed, skips_bad_rows: _ } = sample;
        Self { capacity: rows.max(1), max_bytes: bytes, seed, kept: BinaryHeap::new(), bytes: 0, seen: 0 }
    }

    pub(super) fn add(&mut self, record: Record) {
        let place = self.seen;
        self.seen += 1;
        let drawn = (Rng::at(self.seed, Stream::Rows, GROUP, place).below(u64::MAX), place);
        if self.kept.len() == self.capacity && self.kept.peek().is_some_and(|last| last.drawn < drawn) {
            return;
        }
        self.bytes += record.bytes();
        self.kept.push(Kept { drawn, record });
        self.shrink_to(self.capacity);
        while self.bytes > self.max_bytes && self.kept.len() > 1 {
            self.capacity = self.kept.len() / 2;
            self.shrink_to(self.capacity);
        }
    }

    fn shrink_to(&mut self, length: usize) {
        while self.kept.len() > length
            && let Some(dropped) = self.kept.pop()
        {
            self.bytes -= dropped.record.bytes();
        }
    }

    /// Returns the number of records that were added.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// Returns the sample, in the order in which its records were added.
    pub(super) fn into_records(self) -> Vec<Record> {
        let mut kept = self.kept.into_vec();
        kept.sort_unstable_by_key(|kept| kept.drawn.1);
        kept.into_iter().map(|kept| kept.record).collect()
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        self.drawn.cmp(&other.drawn)
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Kept {}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.drawn == other.drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(sample: Sample, rows: u64) -> Vec<u64> {
        let mut reservoir = Reservoir::new(sample);
        for row in 0..rows {
            reservoir.add(Record { output_tokens: Some(row), ..Record::default() });
        }
        assert_eq!(reservoir.seen(), rows);
        reservoir.into_records().into_iter().filter_map(|record| record.output_tokens).collect()
    }

    #[test]
    fn the_same_seed_keeps_the_same_rows_in_their_order() {
        let sample = Sample::seeded(7).rows(50);
        let kept = sampled(sample, 1000);
        assert_eq!(kept.len(), 50);
        assert!(kept.is_sorted());
        assert_eq!(kept, sampled(sample, 1000));
        assert_ne!(kept, sampled(Sample::seeded(8).rows(50), 1000));
        assert_eq!(sampled(sample, 50), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn the_rows_of_a_seed_are_pinned() {
        // A change of these values changes every workload that is sampled by its seed.
        assert_eq!(sampled(Sample::seeded(42).rows(5), 100), PINNED);
    }

    const PINNED: [u64; 5] = [18, 34, 38, 50, 52];

    #[test]
    fn every_row_is_equally_likely() {
        let mut times = [0_u32; 20];
        for seed in 0..4000 {
            for row in sampled(Sample::seeded(seed).rows(5), 20) {
                times[row as usize] += 1;
            }
        }
        // 1000 each are expected, with a standard deviation of 27.
        assert!(times.iter().all(|count| (860..1140).contains(count)), "{times:?}");
    }

    #[test]
    fn a_sample_of_too_many_bytes_is_halved() {
        let one = Record::default().bytes();
        let large = sampled(Sample::seeded(3).rows(100), 1000);
        let small = sampled(Sample::seeded(3).rows(100).bytes(60 * one), 1000);
        assert_eq!(small.len(), 30);
        assert!(small.iter().all(|row| large.contains(row)));
        assert_eq!(sampled(Sample::seeded(3).bytes(0), 10).len(), 1);
    }
}
