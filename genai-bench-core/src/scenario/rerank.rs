//! `R(document,query)`: documents to rank by their relevance for a query.

use std::fmt;
use std::sync::Arc;

use super::numbers::one_group;
use super::{Form, ParseScenarioError, SHORTEST_INPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "R",
    spelling: "R(document,query)",
    make: |text| {
        let [document, query] = one_group(text)?;
        Some(Rerank::new(Tokens(document), Tokens(query)).map(|it| Arc::new(it) as _))
    },
};

/// A scenario in which all documents have one length, and all queries another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rerank {
    document: Tokens,
    query: Tokens,
}

impl Rerank {
    /// Creates a scenario of documents of `document` tokens for a query of `query`.
    ///
    /// # Errors
    ///
    /// When either is 0.
    pub fn new(document: Tokens, query: Tokens) -> Result<Self, ParseScenarioError> {
        for (what, length) in [("the document", document), ("the query", query)] {
            if length.0 < SHORTEST_INPUT {
                return Err(ParseScenarioError::out_of_range(what, "at least 1 token"));
            }
        }
        Ok(Self { document, query })
    }
}

impl Scenario for Rerank {
    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Rerank { document: self.document, query: self.query }
    }
}

impl fmt::Display for Rerank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R({},{})", self.document, self.query)
    }
}
