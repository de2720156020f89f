//! Value noise: random values on a lattice, and smooth slopes between them.

use crate::rng::Rng;

/// Lattice points a side, after which the lattice begins again.
const SIDE: usize = 256;

/// Random values at the corners of square cells.
pub(super) struct Lattice(Vec<i8>);

impl Lattice {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let words = (0..SIDE * SIDE / 8).flat_map(|_| rng.below(u64::MAX).to_le_bytes());
        Self(words.map(u8::cast_signed).collect())
    }

    fn row(&self, y: u32) -> &[i8] {
        let begin = (y as usize % SIDE) * SIDE;
        &self.0[begin..begin + SIDE]
    }
}

/// Noise of one fineness: the lattice with cells of so many pixels.
pub(super) struct Octave {
    /// The side of a cell is two to this power.
    log2: u32,
    gain: i32,
    corner: (u32, u32),
    /// The share of the next lattice point in each pixel of a cell, of 256.
    slope: Vec<i32>,
}

impl Octave {
    /// Creates noise with cells of `1 << log2` pixels that changes a value by at most `gain` levels, up or down.
    pub(super) fn draw(log2: u32, gain: i32, rng: &mut Rng) -> Self {
        let mut place = || u32::try_from(rng.below(1 << 24)).unwrap_or_default();
        let slope = (0..1 << log2).map(|it| smooth((it << 8) >> log2)).collect();
        Self { log2, gain, corner: (place(), place()), slope }
    }

    /// Adds the noise of row `y`, from column `x` on, in 128ths of a level.
    pub(super) fn add_row(&self, lattice: &Lattice, x: u32, y: u32, out: &mut [i32]) {
        let (x, y) = (x.wrapping_add(self.corner.0), y.wrapping_add(self.corner.1));
        let cell = 1u32 << self.log2;
        let (above, below) = (lattice.row(y >> self.log2), lattice.row((y >> self.log2) + 1));
        let down = self.slope[(y & (cell - 1)) as usize];
        let at = |column: u32| {
            let column = column as usize % SIDE;
            let (above, below) = (i32::from(above[column]), i32::from(below[column]));
            (above * (256 - down) + below * down) * self.gain
        };
        let (mut column, mut rest) = (x >> self.log2, out);
        let mut skipped = (x & (cell - 1)) as usize;
        let mut left = at(column);
        while !rest.is_empty() {
            let right = at(column + 1);
            let (now, later) = rest.split_at_mut(rest.len().min(self.slope.len() - skipped));
            for (value, weight) in now.iter_mut().zip(&self.slope[skipped..]) {
                *value += (left * (256 - weight) + right * weight) >> 16;
            }
            (column, rest, skipped, left) = (column + 1, later, 0, right);
        }
    }
}

/// Returns the polynomial 3t² - 2t³, which is level at both ends; of 256.
fn smooth(t: i32) -> i32 {
    (t * t * (3 * 256 - 2 * t)) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn a_row_is_the_same_wherever_it_is_begun() {
        let mut rng = Rng::at(1, Stream::Content, 0, 0);
        let lattice = Lattice::draw(&mut rng);
        for log2 in [0, 1, 3, 8] {
            let octave = Octave::draw(log2, 20, &mut rng);
            let (mut whole, mut tail) = (vec![0; 600], vec![0; 593]);
            octave.add_row(&lattice, 0, 3, &mut whole);
            octave.add_row(&lattice, 7, 3, &mut tail);
            assert_eq!(whole[7..], tail, "cells of {}", 1 << log2);
        }
    }

    #[test]
    fn noise_stays_within_its_gain_and_slopes_are_gentle() {
        let mut rng = Rng::at(1, Stream::Content, 0, 0);
        let lattice = Lattice::draw(&mut rng);
        let octave = Octave::draw(6, 20, &mut rng);
        let mut row = vec![0; 4_096];
        octave.add_row(&lattice, 0, 11, &mut row);
        assert!(row.iter().all(|it| it.abs() <= 20 * 128));
        assert!(row.iter().max() > Some(&500), "it is flat");
        let steepest = row.windows(2).map(|it| (it[0] - it[1]).abs()).max();
        // From one end of the range to the other in 64 pixels, 1.5 times as steep in the middle.
        assert!(steepest < Some(2 * 20 * 128 * 3 / 2 / 64 + 2), "{steepest:?}");
    }
}
