//! Seeded random numbers, which depend on the seed and the position of a draw, never on time or threads.

use std::hash::BuildHasher;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

/// The purpose of a stream of random numbers.
///
/// Streams with different purposes are independent, so that adding a draw to one does not move another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stream {
    /// The lengths of requests.
    Shape,
    /// The content of requests.
    Content,
    /// The times at which requests are sent.
    Arrival,
    /// The model of each session.
    Model,
    /// Pictures and videos, which are shared by all runs.
    Media,
    /// The order in which the rows of a dataset are used.
    Rows,
    /// The delay before a request is retried.
    Retry,
}

/// Returns a seed that no earlier call returned, in this process or another: 32 bits from the operating system's
/// randomness, short enough to be typed again.
///
/// ```
/// use genai_bench_core::rng::fresh_seed;
///
/// assert_ne!((fresh_seed(), fresh_seed()), (fresh_seed(), fresh_seed()));
/// ```
#[must_use]
pub fn fresh_seed() -> u64 {
    // The keys of a `RandomState` are random, and no two of a process are the same.
    std::hash::RandomState::new().hash_one(0_u64) >> 32
}

/// A random number generator for one purpose and one position in an experiment.
///
/// The algorithm is xoshiro256++, named and therefore stable across releases of the library behind it.
///
/// ```
/// use genai_bench_core::rng::{Rng, Stream};
///
/// let draw = |index| Rng::at(42, Stream::Shape, 0, index).below(1_000_000);
/// assert_eq!(draw(7), draw(7)); // the same place, the same draw
/// assert_ne!(draw(7), draw(8));
/// ```
#[derive(Clone, Debug)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// Creates the generator for item `index` of group `group` of `stream`, under `seed`.
    #[must_use]
    pub fn at(seed: u64, stream: Stream, group: u64, index: u64) -> Self {
        let purpose = match stream {
            Stream::Shape => 1,
            Stream::Content => 2,
            Stream::Arrival => 3,
            Stream::Model => 4,
            Stream::Media => 5,
            Stream::Rows => 6,
            Stream::Retry => 7,
        };
        let key = [purpose, group, index].into_iter().fold(mix(seed), |key, part| mix(key ^ mix(part)));
        Self(Xoshiro256PlusPlus::seed_from_u64(key))
    }

    /// Returns a whole number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// Returns a whole number between `low` and `high`, both included, in either order.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low.min(high)..=low.max(high))
    }

    /// Returns a number from 0 to less than 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// Returns a draw from the normal distribution with this mean and standard deviation.
    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let standard: f64 = StandardNormal.sample(&mut self.0);
        mean + sd * standard
    }
}

/// Returns the FNV-1a hash of a text, the same on every machine.
pub(crate) fn key_of(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns a bijective mix of `value` by the finaliser of `SplitMix64` (Steele, Lea and Flood, 2014): every input bit
/// affects every output bit.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_do_not_collide() {
        let mut seen = std::collections::HashSet::new();
        for stream in [Stream::Shape, Stream::Content, Stream::Arrival, Stream::Model, Stream::Media] {
            for group in 0..20 {
                for index in 0..200 {
                    assert!(seen.insert(Rng::at(1, stream, group, index).below(u64::MAX)));
                }
            }
        }
    }

    #[test]
    fn the_first_draws_are_pinned() {
        // Anyone who changes these changes every workload that was ever recorded by its seed.
        let mut rng = Rng::at(42, Stream::Shape, 0, 0);
        let drawn: Vec<u64> = (0..4).map(|_| rng.below(1_000)).collect();
        assert_eq!(drawn, PINNED);
    }

    const PINNED: [u64; 4] = [331, 761, 824, 416];
}
