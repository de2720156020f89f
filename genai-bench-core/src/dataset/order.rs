//! A seeded order of any number of things, each place of it found without the others.

use crate::rng::{Rng, Stream};

/// Draws of the order are a group of their own, so that no prompt is made of the same randomness.
const GROUP: u64 = 1;
const ROUNDS: usize = 4;

/// Which of `length` things has the place `index`. Every `length` places hold each thing once, and every time
/// in another order.
///
/// Numbers of as many bits as `length` needs are mixed by steps that can be undone, so no two become the same; one
/// that is too large is mixed again until it is not (Black and Rogaway, 2002: cycle walking).
pub(super) fn thing_at(seed: u64, index: u64, length: u64) -> u64 {
    let (pass, place) = (index / length, index % length);
    let bits = u64::BITS - (length - 1).leading_zeros();
    if bits == 0 {
        return 0;
    }
    let mask = u64::MAX >> (u64::BITS - bits);
    let mut rng = Rng::at(seed, Stream::Rows, GROUP, pass);
    let keys: [(u64, u64); ROUNDS] = std::array::from_fn(|_| (rng.below(u64::MAX), rng.below(u64::MAX)));
    let mut thing = place;
    loop {
        for (factor, offset) in keys {
            thing = thing.wrapping_mul(factor | 1).wrapping_add(offset) & mask;
            thing ^= thing >> bits.div_ceil(2);
        }
        if thing < length {
            return thing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(seed: u64, pass: u64, length: u64) -> Vec<u64> {
        (0..length).map(|it| thing_at(seed, pass * length + it, length)).collect()
    }

    #[test]
    fn each_thing_comes_once_in_every_pass() {
        for length in (1..=130).chain([1000, 4097]) {
            for pass in 0..3 {
                let mut sorted = order(5, pass, length);
                sorted.sort_unstable();
                assert!(sorted.into_iter().eq(0..length), "{length} things, pass {pass}");
            }
        }
    }

    #[test]
    fn the_order_of_a_seed_is_pinned() {
        // Anyone who changes this changes every workload that was ever drawn from a dataset by its seed.
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
    fn neighbours_do_not_stay_neighbours_and_every_place_is_as_likely() {
        let length = 64;
        let mut first = [0_u32; 64];
        let mut neighbours = 0;
        for seed in 0..6400 {
            let order = order(seed, 0, length);
            first[order[0] as usize] += 1;
            neighbours += order.windows(2).filter(|it| it[0].abs_diff(it[1]) == 1).count();
        }
        // Of a random order, 2 pairs in 64 are neighbours; a place holds a thing 100 times, give or take 10.
        assert!((1.5..2.6).contains(&(neighbours as f64 / 6400.0)), "{neighbours}");
        assert!(first.iter().all(|it| (50..150).contains(it)), "{first:?}");
    }
}
