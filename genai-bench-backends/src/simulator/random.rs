//! Random numbers that depend on the seed and the number of the request, never on time or on other requests.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, StandardNormal};

/// The purpose of a random number. Purposes are independent: a draw for one changes no other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// The fault of a request.
    RequestFault = 1,
    /// The position of a cut in a body.
    Cut = 2,
    /// The latencies.
    Latency = 3,
    /// The content of a response that is not text.
    Content = 4,
}

/// The random numbers of one request, for one purpose.
#[derive(Clone, Debug)]
pub(super) struct RandomNumbers(Xoshiro256PlusPlus);

impl RandomNumbers {
    /// Creates the numbers for request `number` under `seed`.
    pub(super) fn new(seed: u64, number: u64, purpose: Purpose) -> Self {
        let key = mix(mix(seed ^ mix(purpose as u64)) ^ mix(number));
        Self(Xoshiro256PlusPlus::seed_from_u64(key))
    }

    /// Returns a number in `0.0..1.0`.
    pub(super) fn fraction(&mut self) -> f64 {
        self.0.random()
    }

    /// Returns a whole number in `0..bound`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// Returns a number from the standard normal distribution.
    pub(super) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// Returns a number from the exponential distribution with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

/// Returns `value` with every input bit spread over every output bit (the finalizer of `SplitMix64`).
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
