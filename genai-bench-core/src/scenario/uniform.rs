//! `U(min,max)/(min,max)`: lengths from two uniform distributions, both ends included.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::numbers::{one_group, two_pairs};
use super::{Form, ParseScenarioError, SHORTEST_INPUT, SHORTEST_OUTPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "U",
    spelling: "U(min_in,max_in)/(min_out,max_out) or U(min_in,max_in,min_out,max_out) or U(max_in,max_out)",
    make: |text| {
        let (input, output) = match (one_group(text), two_pairs(text)) {
            (Some([max_in, max_out]), _) => (1..=max_in, 1..=max_out),
            // The Python tool takes a smallest length of 0 for "not given".
            (None, Some([min_in, max_in, min_out, max_out])) => {
                (min_in.max(1)..=max_in, min_out.max(1)..=max_out)
            }
            (None, None) => return None,
        };
        Some(Uniform::new(input, output).map(|it| Arc::new(it) as _))
    },
};

/// A scenario in which all lengths between two bounds are equally likely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uniform {
    input: RangeInclusive<u64>,
    output: RangeInclusive<u64>,
}

impl Uniform {
    /// Creates a scenario of prompts with a length in `input` and outputs with a length in `output`, in tokens.
    ///
    /// # Errors
    ///
    /// When a range begins at 0 or is empty.
    pub fn new(input: RangeInclusive<u64>, output: RangeInclusive<u64>) -> Result<Self, ParseScenarioError> {
        for (what, range) in [("the input", &input), ("the output", &output)] {
            if *range.start() < 1 {
                return Err(ParseScenarioError::out_of_range(what, "at least 1 token"));
            }
            if range.is_empty() {
                return Err(ParseScenarioError::out_of_range(what, "a range from the smaller to the larger"));
            }
        }
        Ok(Self { input, output })
    }
}

impl Scenario for Uniform {
    fn input_range(&self) -> Option<RangeInclusive<Tokens>> {
        Some(Tokens(*self.input.start())..=Tokens(*self.input.end()))
    }

    fn draw(&self, rng: &mut Rng) -> Shape {
        let input = rng.between(*self.input.start(), *self.input.end()).max(SHORTEST_INPUT);
        let output = rng.between(*self.output.start(), *self.output.end());
        // The shortest answer gives way to a range that ends below it: `U(9,1)` means one token.
        let output = output.max(SHORTEST_OUTPUT.min(*self.output.end()));
        Shape::Text { input: Tokens(input), output: Tokens(output) }
    }
}

impl fmt::Display for Uniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, output } = self;
        write!(f, "U({},{})/({},{})", input.start(), input.end(), output.start(), output.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn both_ends_are_drawn_and_nothing_outside() {
        let scenario = Uniform::new(3..=5, 2..=4).unwrap();
        let mut seen = [std::collections::BTreeSet::new(), std::collections::BTreeSet::new()];
        for index in 0..500 {
            let Shape::Text { input, output } = scenario.draw(&mut Rng::at(7, Stream::Shape, 0, index))
            else {
                panic!("no text")
            };
            seen[0].insert(input.0);
            seen[1].insert(output.0);
        }
        assert_eq!(seen[0], [3, 4, 5].into());
        assert_eq!(seen[1], [2, 3, 4].into());
    }
}
