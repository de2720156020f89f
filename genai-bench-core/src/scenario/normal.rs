//! `N(mean,sd)/(mean,sd)`: lengths from two normal distributions.

use std::fmt;

use super::{ParseScenarioError, SHORTEST_INPUT, SHORTEST_OUTPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

/// A mean and a standard deviation, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The mean.
    pub mean: Tokens,
    /// The standard deviation.
    pub sd: Tokens,
}

/// Lengths of prompts and answers are two independent normal draws, rounded to whole tokens.
///
/// A draw below the shortest length (1 token in, 2 out) is raised to it, which raises the mean: for
/// `N(480,240)` about 2 draws in 100 are below 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Normal {
    input: Spread,
    output: Spread,
}

impl Normal {
    /// Prompts spread as `input` and answers as `output`.
    ///
    /// # Errors
    ///
    /// When a mean is below the shortest length.
    pub fn new(input: Spread, output: Spread) -> Result<Self, ParseScenarioError> {
        if input.mean.0 < SHORTEST_INPUT {
            return Err(ParseScenarioError::out_of_range("the mean input", "at least 1 token"));
        }
        if output.mean.0 < 1 {
            return Err(ParseScenarioError::out_of_range("the mean output", "at least 1 token"));
        }
        Ok(Self { input, output })
    }
}

impl Scenario for Normal {
    fn draw(&self, rng: &mut Rng) -> Shape {
        let mut draw = |spread: Spread, shortest: u64| {
            let drawn = rng.normal(spread.mean.0 as f64, spread.sd.0 as f64).round();
            Tokens((drawn.max(0.0) as u64).max(shortest))
        };
        let input = draw(self.input, SHORTEST_INPUT);
        Shape::Text { input, output: draw(self.output, SHORTEST_OUTPUT) }
    }
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, output } = self;
        write!(f, "N({},{})/({},{})", input.mean, input.sd, output.mean, output.sd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn draws_have_the_mean_and_spread_that_were_asked_for() {
        let spread = |mean, sd| Spread { mean: Tokens(mean), sd: Tokens(sd) };
        let scenario = Normal::new(spread(1000, 100), spread(50, 5)).unwrap();
        let drawn: Vec<f64> = (0..20_000)
            .map(|index| match scenario.draw(&mut Rng::at(7, Stream::Shape, 0, index)) {
                Shape::Text { input, .. } => input.0 as f64,
            })
            .collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let sd = (drawn.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / drawn.len() as f64).sqrt();
        assert!((mean - 1000.0).abs() < 3.0, "{mean}");
        assert!((sd - 100.0).abs() < 3.0, "{sd}");
    }

    #[test]
    fn draws_never_go_below_the_shortest_length() {
        let spread = Spread { mean: Tokens(1), sd: Tokens(500) };
        let scenario = Normal::new(spread, spread).unwrap();
        for index in 0..1_000 {
            let Shape::Text { input, output } = scenario.draw(&mut Rng::at(7, Stream::Shape, 0, index));
            assert!(input.0 >= 1 && output.0 >= 2);
        }
    }
}
