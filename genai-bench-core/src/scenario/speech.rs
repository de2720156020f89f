//! `A(characters)`: a text to speak.

use std::fmt;
use std::sync::Arc;

use super::numbers::one_group;
use super::{Form, ParseScenarioError, Scenario, Shape};
use crate::rng::Rng;

pub(super) const FORM: Form = Form {
    letter: "A",
    spelling: "A(characters)",
    make: |text| {
        let [characters] = one_group(text)?;
        Some(Speech::new(characters).map(|it| Arc::new(it) as _))
    },
};

/// A scenario in which all texts have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speech {
    characters: u64,
}

impl Speech {
    /// Creates a scenario of texts of `characters` characters.
    ///
    /// # Errors
    ///
    /// When that is 0.
    pub fn new(characters: u64) -> Result<Self, ParseScenarioError> {
        if characters < 1 {
            return Err(ParseScenarioError::out_of_range("the text", "at least 1 character"));
        }
        Ok(Self { characters })
    }
}

impl Scenario for Speech {
    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Speech { characters: self.characters }
    }
}

impl fmt::Display for Speech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A({})", self.characters)
    }
}
