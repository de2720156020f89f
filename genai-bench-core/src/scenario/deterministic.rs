//! `D(in,out)`: every request has the same lengths.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::numbers::one_group;
use super::{Form, ParseScenarioError, SHORTEST_INPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "D",
    spelling: "D(in,out)",
    make: |text| {
        let [input, output] = one_group(text)?;
        Some(Deterministic::new(Tokens(input), Tokens(output)).map(|it| Arc::new(it) as _))
    },
};

/// A scenario in which all prompts have one length, and all outputs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deterministic {
    input: Tokens,
    output: Tokens,
}

impl Deterministic {
    /// Creates a scenario of prompts of `input` tokens and outputs of `output`.
    ///
    /// # Errors
    ///
    /// When either is 0.
    pub fn new(input: Tokens, output: Tokens) -> Result<Self, ParseScenarioError> {
        if input.0 < SHORTEST_INPUT {
            return Err(ParseScenarioError::out_of_range("the input", "at least 1 token"));
        }
        if output.0 < 1 {
            return Err(ParseScenarioError::out_of_range("the output", "at least 1 token"));
        }
        Ok(Self { input, output })
    }
}

impl Scenario for Deterministic {
    fn input_range(&self) -> Option<RangeInclusive<Tokens>> {
        Some(self.input..=self.input)
    }

    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Text { input: self.input, output: self.output }
    }
}

impl fmt::Display for Deterministic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "D({},{})", self.input, self.output)
    }
}
