//! Generated scenes, about as hard to compress as photographs.
//!
//! Large slopes of colour, clouds of noise from coarse to fine (the finer, the weaker, as in photographs), things
//! with edges, places with much detail and places with little, and the grain of a sensor. The gains are chosen so
//! that a megapixel has some 220 kB as JPEG of quality 85. Only whole numbers and IEEE 754's exact operations are
//! used, so that a seed gives the same pixels on every machine.

use super::noise::{Lattice, Octave};
use super::shape::Shape;
use crate::rng::Rng;

/// The number of shapes with edges in a scene.
const SHAPES: u64 = 36;
/// 128ths of a level for each step of a grain, of which there are 15 up and 15 down.
const GRAIN: i32 = 40;
/// The mean strength of the detail, of 2048; the mask varies it from nothing to the double.
const DETAIL: i32 = 1_024;

/// A scene that can be drawn frame by frame.
pub(super) struct Scene {
    size: (u32, u32),
    /// The colours in the corners, in 128ths of a level: top left, top right, bottom left, bottom right.
    corners: [[i32; 3]; 4],
    shapes: Vec<Shape>,
    lattice: Lattice,
    coarse: Vec<Octave>,
    fine: Vec<Octave>,
    /// The noise that varies the strength of the detail over the scene.
    mask: Octave,
    /// Noise that shifts the red and the blue.
    tints: [Octave; 2],
    /// The movement of the background from frame to frame, in pixels.
    pan: (u32, u32),
}

impl Scene {
    pub(super) fn draw(width: u32, height: u32, rng: &mut Rng) -> Self {
        let corners = std::array::from_fn(|_| std::array::from_fn(|_| level(rng, 30, 225)));
        // From the largest to the smallest, which is in front.
        let shape = |number| Shape::draw(width, height, 8 + 40 * (SHAPES - number) / SHAPES, rng);
        let shapes = (0..SHAPES).map(shape).collect();
        let lattice = Lattice::draw(rng);
        let mut octaves = |from: &[(u32, i32)]| -> Vec<Octave> {
            from.iter().map(|(log2, gain)| Octave::draw(*log2, *gain, rng)).collect()
        };
        let coarse = octaves(&[(8, 36), (7, 24), (6, 16), (5, 11)]);
        let fine = octaves(&[(4, 28), (3, 26), (2, 23), (1, 20)]);
        let mask = Octave::draw(7, 9, rng);
        let tints = [Octave::draw(7, 24, rng), Octave::draw(6, 20, rng)];
        let mut pan = || u32::try_from(rng.between(1, 3)).unwrap_or_default();
        Self {
            size: (width, height),
            corners,
            shapes,
            lattice,
            coarse,
            fine,
            mask,
            tints,
            pan: (pan(), pan()),
        }
    }

    /// Returns the pixels of a frame: red, green and blue, row by row from the top. The grain is drawn anew.
    pub(super) fn render(&self, frame: u32, rng: &mut Rng) -> Vec<u8> {
        let width = self.size.0 as usize;
        let mut pixels = Vec::with_capacity(width * self.size.1 as usize * 3);
        let mut row = vec![[0; 3]; width];
        let mut layers: [Vec<i32>; 4] = std::array::from_fn(|_| vec![0; width]);
        for y in 0..self.size.1 {
            self.paint_background(y, &mut row);
            for shape in &self.shapes {
                shape.paint_row(self.size, frame, y, &mut row);
            }
            self.fill_layers(frame, y, &mut layers);
            add_grain(&mut layers[0], rng);
            let [tone, _, red, blue] = &layers;
            for (((pixel, tone), red), blue) in row.iter().zip(tone).zip(red).zip(blue) {
                let shifts = [*red, -(red + blue) / 2, *blue];
                let levels: [i32; 3] = std::array::from_fn(|it| (pixel[it] + tone + shifts[it]) >> 7);
                pixels.extend(levels.map(|it| u8::try_from(it.clamp(0, 255)).unwrap_or_default()));
            }
        }
        pixels
    }

    /// Paints the gradient between the colours in the corners.
    fn paint_background(&self, y: u32, row: &mut [[i32; 3]]) {
        let [top_left, top_right, bottom_left, bottom_right] = &self.corners;
        let between = |from: i32, to: i32, at: u32, side: u32| {
            let way = i64::from(to - from) * i64::from(at) / i64::from(side.max(2) - 1);
            from + i32::try_from(way).unwrap_or_default()
        };
        let ends = |from: &[i32; 3], to: &[i32; 3]| -> [i32; 3] {
            std::array::from_fn(|it| between(from[it], to[it], y, self.size.1))
        };
        let (left, right) = (ends(top_left, bottom_left), ends(top_right, bottom_right));
        // In 1024ths, so that the steps add up.
        let columns = i32::try_from(row.len().max(2) - 1).unwrap_or(i32::MAX);
        let steps: [i32; 3] = std::array::from_fn(|it| (right[it] - left[it]) * 1_024 / columns);
        let mut now = left.map(|it| it * 1_024);
        for pixel in row {
            *pixel = now.map(|it| it >> 10);
            now = std::array::from_fn(|it| now[it] + steps[it]);
        }
    }

    /// Fills the tone, the mask, and the shifts of red and blue of a row.
    fn fill_layers(&self, frame: u32, y: u32, layers: &mut [Vec<i32>; 4]) {
        let (x, y) = (self.pan.0.wrapping_mul(frame), y.wrapping_add(self.pan.1.wrapping_mul(frame)));
        for layer in layers.iter_mut() {
            layer.fill(0);
        }
        let [tone, mask, red, blue] = layers;
        for octave in &self.fine {
            octave.add_row(&self.lattice, x, y, tone);
        }
        self.mask.add_row(&self.lattice, x, y, mask);
        for (tone, mask) in tone.iter_mut().zip(mask) {
            *tone = (*tone * (DETAIL + *mask).max(0)) >> 11;
        }
        for octave in &self.coarse {
            octave.add_row(&self.lattice, x, y, tone);
        }
        self.tints[0].add_row(&self.lattice, x, y, red);
        self.tints[1].add_row(&self.lattice, x, y, blue);
    }
}

/// Adds the difference of two dice to each pixel: mostly little.
fn add_grain(tone: &mut [i32], rng: &mut Rng) {
    for pixels in tone.chunks_mut(8) {
        for (pixel, byte) in pixels.iter_mut().zip(rng.below(u64::MAX).to_le_bytes()) {
            *pixel += (i32::from(byte & 15) - i32::from(byte >> 4)) * GRAIN;
        }
    }
}

fn level(rng: &mut Rng, low: u64, high: u64) -> i32 {
    i32::try_from(rng.between(low, high)).unwrap_or_default() * 128
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::rng::Stream;

    fn hash(pixels: &[u8]) -> String {
        Sha256::digest(pixels).iter().take(8).map(|it| format!("{it:02x}")).collect()
    }

    #[test]
    fn the_pixels_of_a_seed_are_pinned() {
        // Of pixels, not of files: a file also depends on the version of the encoder.
        let mut rng = Rng::at(42, Stream::Content, 0, 0);
        let scene = Scene::draw(96, 64, &mut rng);
        let frames = [0, 1, 100].map(|it| hash(&scene.render(it, &mut rng)));
        assert_eq!(frames, PINNED);
    }

    const PINNED: [&str; 3] = ["7887e353bbfc13c5", "82000cf9d0003156", "63839b9eb51a6336"];

    #[test]
    fn every_size_can_be_drawn() {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (7, 5)] {
            let mut rng = Rng::at(1, Stream::Content, 0, 0);
            let pixels = Scene::draw(width, height, &mut rng).render(9_999, &mut rng);
            assert_eq!(pixels.len(), (width * height * 3) as usize);
        }
    }

    #[test]
    fn it_moves() {
        let mut rng = Rng::at(1, Stream::Content, 0, 0);
        let scene = Scene::draw(64, 64, &mut rng);
        let [first, second] = [0, 10].map(|it| scene.render(it, &mut rng.clone()));
        let moved = first.iter().zip(&second).filter(|(a, b)| a.abs_diff(**b) > 8).count();
        assert!(moved > first.len() / 20, "{moved} of {}", first.len());
    }
}
