//! A seeded random order, each place of which is computed without the others.

use crate::rng::{Rng, Stream};

/// The group of the random draws of the order, which no prompt shares.
const GROUP: u64 = 1;
/// The number of mixing steps.
const ROUNDS: usize = 4;

/// Returns the element of `0..length` at place `index` of an endless order. Each pass of `length` places is another
/// permutation.
///
/// The place is mixed by invertible steps on as many bits as `length` needs, so no two places become the same. A result that
/// is too large is mixed again (cycle walking: Black and Rogaway, 2002).
pub(super) fn shuffled(seed: u64, index: u64, length: u64) -> u64 {
    let (pass, place) = (index / length, index % length);
    let bits = u64::BITS - (length - 1).leading_zeros();
    if bits == 0 {
        return 0;
    }
    let mask = u64::MAX >> (u64::BITS - bits);
    let mut rng = Rng::at(seed, Stream::Rows, GROUP, pass);
    let keys: [(u64, u64); ROUNDS] = std::array::from_fn(|_| (rng.below(u64::MAX), rng.below(u64::MAX)));
    let mut element = place;
    loop {
        for (factor, offset) in keys {
            element = element.wrapping_mul(factor | 1).wrapping_add(offset) & mask;
            element ^= element >> bits.div_ceil(2);
        }
        if element < length {
            return element;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(seed: u64, pass: u64, length: u64) -> Vec<u64> {
        (0..length).map(|place| shuffled(seed, pass * length + place, length)).collect()
    }

    #[test]
    fn each_pass_is_a_permutation() {
        for length in (1..=130).chain([1000, 4097]) {
            for pass in 0..3 {
                let mut sorted = order(5, pass, length);
                sorted.sort_unstable();
                assert!(sorted.into_iter().eq(0..length), "length {length}, pass {pass}");
            }
        }
    }

    #[test]
    fn the_order_of_a_seed_is_pinned() {
        // A change of these values changes every workload that is drawn from a dataset by its seed.
        assert_eq!([order(42, 0, 10), order(42, 1, 10)].concat(), PINNED);
    }

    const PINNED: [u64; 20] = [3, 0, 1, 9, 6, 8, 2, 4, 5, 7, 5, 2, 7, 9, 4, 8, 3, 1, 0, 6];

    #[test]
    fn seeds_and_passes_differ() {
        assert_eq!(order(1, 0, 100), order(1, 0, 100));
        assert_ne!(order(1, 0, 100), order(2, 0, 100));
        assert_ne!(order(1, 0, 100), order(1, 1, 100));
        assert_ne!(order(1, 0, 100), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn orders_are_as_uniform_as_random_ones() {
        let length = 64;
        let mut first = [0_u32; 64];
        let mut neighbours = 0;
        for seed in 0..6400 {
            let order = order(seed, 0, length);
            first[order[0] as usize] += 1;
            neighbours += order.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
        }
        // In a random order, 2 pairs of 64 are neighbours, and a place has each element 100 times, with a deviation of 10.
        assert!((1.5..2.6).contains(&(neighbours as f64 / 6400.0)), "{neighbours}");
        assert!(first.iter().all(|count| (50..150).contains(count)), "{first:?}");
    }
}
