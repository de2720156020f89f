//! `E(document)`: documents to embed.

use std::fmt;
use std::sync::Arc;

use super::numbers::one_group;
use super::{Form, ParseScenarioError, SHORTEST_INPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "E",
    spelling: "E(document)",
    make: |text| {
        let [document] = one_group(text)?;
        Some(Embeddings::new(Tokens(document)).map(|it| Arc::new(it) as _))
    },
};

/// A scenario in which all documents have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embeddings {
    document: Tokens,
}

impl Embeddings {
    /// Creates a scenario of documents of `document` tokens.
    ///
    /// # Errors
    ///
    /// When that is 0.
    pub fn new(document: Tokens) -> Result<Self, ParseScenarioError> {
        if document.0 < SHORTEST_INPUT {
            return Err(ParseScenarioError::out_of_range("the document", "at least 1 token"));
        }
        Ok(Self { document })
    }
}

impl Scenario for Embeddings {
    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Embeddings { document: self.document }
    }
}

impl fmt::Display for Embeddings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E({})", self.document)
    }
}
