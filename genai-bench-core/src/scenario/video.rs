//! `V(width,height,frames)`: a video to look at.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::image::{bounded, side};
use super::{Form, ParseScenarioError, Scenario, Shape, TextAround, numbers};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "V",
    spelling: "V(width,height,frames), V(width,height,frames,out) or V(width,height,frames)/(in,out)",
    make: |text| {
        let groups = numbers(text)?;
        let (&[width, height, frames], around) = match &groups[..] {
            [size] if size.len() == 3 => (size.first_chunk()?, TextAround::default()),
            [size] if size.len() == 4 => {
                (size.first_chunk()?, TextAround { input: None, output: Some(Tokens(size[3])) })
            }
            [size, text] if size.len() == 3 && text.len() == 2 => {
                let (input, output) = (Some(Tokens(text[0])), Some(Tokens(text[1])));
                (size.first_chunk()?, TextAround { input, output })
            }
            _ => return None,
        };
        Some(Video::new(width, height, frames, around).map(|it| Arc::new(it) as _))
    },
};

/// The allowed numbers of frames of a video.
const FRAMES: RangeInclusive<u64> = 1..=10_000;

/// A scenario of requests with a video of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Video {
    width: u32,
    height: u32,
    frames: u32,
    around: TextAround,
}

impl Video {
    /// Creates a scenario of a video of `frames` frames of `width` by `height` pixels, with text lengths.
    ///
    /// # Errors
    ///
    /// When a side is not 1 to 16384 pixels, there are not 1 to 10000 frames, or a length of the text is 0.
    pub fn new(width: u64, height: u64, frames: u64, around: TextAround) -> Result<Self, ParseScenarioError> {
        Ok(Self {
            width: side("the width", width)?,
            height: side("the height", height)?,
            frames: bounded("the number of frames", frames, &FRAMES, "")?,
            around: around.check()?,
        })
    }
}

impl Scenario for Video {
    fn draw(&self, _: &mut Rng) -> Shape {
        let Self { width, height, frames, around: TextAround { input, output } } = *self;
        Shape::Video { width, height, frames, input, output }
    }
}

impl fmt::Display for Video {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, frames, around } = self;
        match (around.input, around.output) {
            (None, None) => write!(f, "V({width},{height},{frames})"),
            (None, Some(output)) => write!(f, "V({width},{height},{frames},{output})"),
            (Some(input), output) => {
                write!(f, "V({width},{height},{frames})/({input},{})", output.unwrap_or(Tokens(0)))
            }
        }
    }
}
