//! `trace:NAME`: as long as the next row of a recorded trace says.

use std::fmt;
use std::sync::Arc;

use super::{Form, ParseScenarioError, Scenario, Shape, SharedScenario};
use crate::rng::Rng;

pub(super) const FORM: Form = Form {
    letter: "trace",
    spelling: "trace:NAME",
    make: |text| {
        let name = text.strip_prefix(':')?;
        Some(TraceReplay::new(name).map(|scenario| Arc::new(scenario) as SharedScenario))
    },
};

/// A scenario whose lengths come from a recorded trace. The trace's name distinguishes its results from those of other
/// traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceReplay {
    name: Arc<str>,
}

impl TraceReplay {
    /// Creates the scenario of the trace `name`. White space around the name is dropped.
    ///
    /// # Errors
    ///
    /// When the name is empty or has control characters.
    pub fn new(name: &str) -> Result<Self, ParseScenarioError> {
        let name = name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            let problem = "the name of a trace must not be empty or have control characters";
            return Err(ParseScenarioError::because(problem));
        }
        Ok(Self { name: name.into() })
    }

    /// Returns the name of the trace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Scenario for TraceReplay {
    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Dataset
    }
}

impl fmt::Display for TraceReplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trace:{}", self.name)
    }
}
