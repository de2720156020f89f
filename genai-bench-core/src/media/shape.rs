//! Shapes with edges in a picture, which make it harder to compress.

use crate::rng::Rng;

/// The outline of a shape.
#[derive(Clone, Copy)]
enum Outline {
    Ellipse,
    Rectangle,
    Triangle,
}

/// A shape with an edge, shaded from left to right, that may move.
pub(super) struct Shape {
    outline: Outline,
    /// The position of its middle in the first frame, in pixels.
    middle: (f64, f64),
    /// Half of its width and height, in pixels.
    half: (f64, f64),
    /// The movement from frame to frame, in pixels.
    step: (f64, f64),
    /// The colour at its left, in 128ths of a level.
    colour: [i32; 3],
    /// The change of the colour over its width.
    shade: i32,
}

impl Shape {
    /// Creates a random shape, at most `percent` of the picture wide and high.
    pub(super) fn draw(width: u32, height: u32, percent: u64, rng: &mut Rng) -> Self {
        let outline = match rng.below(3) {
            0 => Outline::Ellipse,
            1 => Outline::Rectangle,
            _ => Outline::Triangle,
        };
        let mut part =
            |side: u32, low: u64, high: u64| f64::from(side) * rng.between(low, high) as f64 / 1_000.0;
        let middle = (part(width, 0, 1_000), part(height, 0, 1_000));
        let half = (part(width, 1, percent * 5).max(0.5), part(height, 1, percent * 5).max(0.5));
        let step =
            (part(width, 0, 16) - f64::from(width) * 0.008, part(height, 0, 8) - f64::from(height) * 0.004);
        let mut level = || i32::try_from(rng.between(20, 235)).unwrap_or_default() * 128;
        let colour = [level(), level(), level()];
        let shade = (level() - 128 * 128) / 2;
        Self { outline, middle, half, step, colour, shade }
    }

    /// Paints the part of the shape in row `y` of a frame over the colours of that row.
    pub(super) fn paint_row(&self, size: (u32, u32), frame: u32, y: u32, row: &mut [[i32; 3]]) {
        let middle = self.middle_at(size, frame);
        let Some(half) = self.half_width(f64::from(y) + 0.5 - middle.1) else { return };
        let (begin, end) = (middle.0 - half, middle.0 + half);
        let first = begin.floor().max(0.0) as usize;
        let last = (end.ceil().max(0.0) as usize).min(row.len());
        for (x, pixel) in row.iter_mut().enumerate().take(last).skip(first) {
            let x = x as f64;
            let covered = ((x + 1.0).min(end) - x.max(begin)).clamp(0.0, 1.0);
            let covered = (covered * 256.0) as i32;
            let across = ((x - begin) / (end - begin) * f64::from(self.shade)) as i32;
            for (old, new) in pixel.iter_mut().zip(self.colour) {
                *old = (*old * (256 - covered) + (new + across) * covered) >> 8;
            }
        }
    }

    /// Returns its middle in a frame: a shape that leaves the picture returns at the other side.
    fn middle_at(&self, size: (u32, u32), frame: u32) -> (f64, f64) {
        let along = |middle: f64, half: f64, step: f64, side: u32| {
            (middle + half + step * f64::from(frame)).rem_euclid(f64::from(side) + 2.0 * half) - half
        };
        (
            along(self.middle.0, self.half.0, self.step.0, size.0),
            along(self.middle.1, self.half.1, self.step.1, size.1),
        )
    }

    /// Returns half of its width `below` its middle; `None` outside of the shape.
    fn half_width(&self, below: f64) -> Option<f64> {
        let part = below / self.half.1;
        let width = match self.outline {
            _ if part.abs() >= 1.0 => return None,
            Outline::Ellipse => (1.0 - part * part).sqrt(),
            Outline::Rectangle => 1.0,
            Outline::Triangle => part.midpoint(1.0),
        };
        Some(width * self.half.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (20, 10);

    fn box_at(x: f64, step: f64) -> Shape {
        let (middle, half) = ((x, 5.0), (2.5, 2.0));
        Shape { outline: Outline::Rectangle, middle, half, step: (step, 0.0), colour: [25_600; 3], shade: 0 }
    }

    fn painted(shape: &Shape, frame: u32, y: u32) -> Vec<i32> {
        let mut row = vec![[0; 3]; 20];
        shape.paint_row(SIZE, frame, y, &mut row);
        row.iter().map(|it| it[0] / 256).collect()
    }

    #[test]
    fn a_pixel_that_is_covered_in_part_is_a_mixture() {
        let row = painted(&box_at(10.0, 0.0), 0, 5);
        assert_eq!(row[6..14], [0, 50, 100, 100, 100, 100, 50, 0]);
        assert_eq!(painted(&box_at(10.0, 0.0), 0, 2), [0; 20], "above it");
    }

    #[test]
    fn what_leaves_the_picture_comes_back_at_the_other_side() {
        let shape = box_at(10.0, 3.0);
        assert_eq!(painted(&shape, 1, 5)[9..17], [0, 50, 100, 100, 100, 100, 50, 0][..8].to_vec());
        assert_eq!(painted(&shape, 25, 5), painted(&shape, 0, 5), "25 steps of 3 are three times 20 + 5");
    }
}
