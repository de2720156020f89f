//! `I(width,height,count)`: pictures, to make or to look at.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::{Form, ParseScenarioError, SHORTEST_INPUT, Scenario, Shape, numbers};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "I",
    spelling: "I(width,height), I(width,height,count), I(width,height,count,out) or I(width,height,count)/(in,out)",
    make: |text| {
        let groups = numbers(text)?;
        let size = groups.first()?;
        let (&width, &height, count) = (size.first()?, size.get(1)?, size.get(2).copied().unwrap_or(1));
        let around = match (size.len(), groups.get(1).map(Vec::as_slice), groups.len()) {
            (2 | 3, None, 1) => TextAround::default(),
            (4, None, 1) => TextAround { input: None, output: Some(Tokens(size[3])) },
            (2 | 3, Some(&[input, output]), 2) => {
                TextAround { input: Some(Tokens(input)), output: Some(Tokens(output)) }
            }
            _ => return None,
        };
        Some(Image::new(width, height, count, around).map(|it| Arc::new(it) as _))
    },
};

/// The longest side of a picture, in pixels.
const SIDES: RangeInclusive<u64> = 1..=16_384;
/// The allowed numbers of pictures in a request.
const COUNTS: RangeInclusive<u64> = 1..=1_000;

/// The lengths of the prompt beside pictures or a video and of the output, if set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextAround {
    /// Length of the prompt.
    pub input: Option<Tokens>,
    /// Length of the answer.
    pub output: Option<Tokens>,
}

impl TextAround {
    pub(super) fn check(self) -> Result<Self, ParseScenarioError> {
        for (what, length) in [("the input", self.input), ("the output", self.output)] {
            if length.is_some_and(|it| it.0 < SHORTEST_INPUT) {
                return Err(ParseScenarioError::out_of_range(what, "at least 1 token"));
            }
        }
        Ok(self)
    }
}

/// Returns a side of a picture in pixels, if it is in range.
pub(super) fn side(what: &str, pixels: u64) -> Result<u32, ParseScenarioError> {
    bounded(what, pixels, &SIDES, "pixels")
}

/// Returns a number that must be in `range`.
pub(super) fn bounded(
    what: &str,
    value: u64,
    range: &RangeInclusive<u64>,
    unit: &str,
) -> Result<u32, ParseScenarioError> {
    u32::try_from(value).ok().filter(|_| range.contains(&value)).ok_or_else(|| {
        let expected = format!("{} to {} {unit}", range.start(), range.end());
        ParseScenarioError::out_of_range(what, expected.trim_end())
    })
}

/// A scenario of requests with pictures of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    count: u32,
    around: TextAround,
}

impl Image {
    /// Creates a scenario of `count` pictures of `width` by `height` pixels, with text lengths.
    ///
    /// # Errors
    ///
    /// When a side is not 1 to 16384 pixels, the count is not 1 to 1000, or a length of the text is 0.
    pub fn new(width: u64, height: u64, count: u64, around: TextAround) -> Result<Self, ParseScenarioError> {
        Ok(Self {
            width: side("the width", width)?,
            height: side("the height", height)?,
            count: bounded("the number of pictures", count, &COUNTS, "")?,
            around: around.check()?,
        })
    }
}

impl Scenario for Image {
    fn draw(&self, _: &mut Rng) -> Shape {
        let Self { width, height, count, around: TextAround { input, output } } = *self;
        Shape::Image { width, height, count, input, output }
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, count, around } = self;
        match (count, around.input, around.output) {
            (1, None, None) => write!(f, "I({width},{height})"),
            (_, None, None) => write!(f, "I({width},{height},{count})"),
            (_, None, Some(output)) => write!(f, "I({width},{height},{count},{output})"),
            (1, Some(input), output) => {
                write!(f, "I({width},{height})/({input},{})", output.unwrap_or(Tokens(0)))
            }
            (_, Some(input), output) => {
                write!(f, "I({width},{height},{count})/({input},{})", output.unwrap_or(Tokens(0)))
            }
        }
    }
}
