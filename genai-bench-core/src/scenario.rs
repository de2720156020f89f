//! The shapes that requests take, and the little language they are written in.
//!
//! | text | input tokens | output tokens |
//! | --- | --- | --- |
//! | `D(100,20)` | 100 | 20 |
//! | `N(480,240)/(300,150)` or `N(480,240,300,150)` | normal, mean 480, standard deviation 240 | normal, mean 300, standard deviation 150 |
//! | `U(50,100)/(10,20)` or `U(50,100,10,20)` | uniform from 50 to 100, both included | uniform from 10 to 20 |
//! | `U(100,20)` | uniform from 1 to 100 | uniform from 1 to 20 |

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rng::Rng;
use crate::units::Tokens;

mod deterministic;
mod normal;
mod notation;
mod uniform;

pub use deterministic::Deterministic;
pub use normal::Normal;
pub use notation::{ParseScenarioError, parse};
pub use uniform::Uniform;

/// Decides how long requests and their answers are.
///
/// `Display` is the canonical text of the scenario: it parses back to an equal one.
///
/// ```
/// use std::fmt;
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::scenario::{Scenario, Shape};
/// use genai_bench_core::units::Tokens;
///
/// /// Mostly short prompts, and now and then a long one.
/// #[derive(Debug)]
/// struct Bimodal;
///
/// impl fmt::Display for Bimodal {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("bimodal")
///     }
/// }
///
/// impl Scenario for Bimodal {
///     fn draw(&self, rng: &mut Rng) -> Shape {
///         let input = if rng.below(10) == 0 { 8_000 } else { 200 };
///         Shape::Text { input: Tokens(input), output: Tokens(100) }
///     }
/// }
///
/// let shape = Bimodal.draw(&mut Rng::at(1, Stream::Shape, 0, 0));
/// assert!(matches!(shape, Shape::Text { output: Tokens(100), .. }));
/// ```
pub trait Scenario: fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// Draws the shape of one request.
    fn draw(&self, rng: &mut Rng) -> Shape;
}

/// A scenario that can be shared.
pub type SharedScenario = Arc<dyn Scenario>;

/// How long one request and its answer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// Text in, text out.
    Text {
        /// Length of the prompt.
        input: Tokens,
        /// Length of the answer.
        output: Tokens,
    },
}

impl Shape {
    /// The same with a shorter answer, if it would be longer than `limit`.
    #[must_use]
    pub fn with_output_at_most(self, limit: Tokens) -> Self {
        match self {
            Self::Text { input, output } => Self::Text { input, output: output.min(limit) },
        }
    }
}

/// The shortest prompt a scenario draws.
const SHORTEST_INPUT: u64 = 1;
/// The shortest answer a distribution draws: with a single token there is no time between tokens.
const SHORTEST_OUTPUT: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_an_object_that_can_be_shared() {
        fn shared<T: Send + Sync + ?Sized>() {}
        shared::<dyn Scenario>();
    }
}
