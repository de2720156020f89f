//! `N(mean,sd)/(mean,sd)`: lengths from two normal distributions.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::numbers::two_pairs;
use super::{Form, ParseScenarioError, SHORTEST_INPUT, SHORTEST_OUTPUT, Scenario, Shape};
use crate::rng::Rng;
use crate::units::Tokens;

pub(super) const FORM: Form = Form {
    letter: "N",
    spelling: "N(mean_in,sd_in)/(mean_out,sd_out) or N(mean_in,sd_in,mean_out,sd_out)",
    make: |text| {
        let [mean_in, sd_in, mean_out, sd_out] = two_pairs(text)?;
        let input = Spread { mean: Tokens(mean_in), sd: Tokens(sd_in) };
        let output = Spread { mean: Tokens(mean_out), sd: Tokens(sd_out) };
        Some(Normal::new(input, output).map(|it| Arc::new(it) as _))
    },
};

/// The share of raised draws from which the distribution is too different from its text.
const TOO_MANY_RAISED: f64 = 1.0 / 3.0;
/// The share of raised draws from which a warning is shown.
const MANY_RAISED: f64 = 0.05;

/// A mean and a standard deviation, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The mean.
    pub mean: Tokens,
    /// The standard deviation.
    pub sd: Tokens,
}

/// A scenario of prompt and output lengths from two independent normal distributions, rounded to whole tokens.
///
/// A draw below the shortest length (1 token in, 2 out) is raised to it, which raises the mean: for
/// `N(480,240)` about 2 draws in 100 are below 1. From 1 in 20 on that is a warning, from 1 in 3 on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Normal {
    input: Spread,
    output: Spread,
}

impl Normal {
    /// Creates a scenario of prompts distributed as `input` and outputs as `output`.
    ///
    /// # Errors
    ///
    /// When a mean is below the shortest length, or a third of the draws would be.
    pub fn new(input: Spread, output: Spread) -> Result<Self, ParseScenarioError> {
        if input.mean.0 < SHORTEST_INPUT {
            return Err(ParseScenarioError::out_of_range("the mean input", "at least 1 token"));
        }
        if output.mean.0 < 1 {
            return Err(ParseScenarioError::out_of_range("the mean output", "at least 1 token"));
        }
        let normal = Self { input, output };
        match normal.most_raised() {
            (share, what, shortest) if share > TOO_MANY_RAISED => {
                let percent = share * 100.0;
                let problem = format!(
                    "its standard deviation is too large for its mean: {percent:.0} % of the draws would be raised to {shortest} for {what}"
                );
                Err(ParseScenarioError::because(problem))
            }
            _ => Ok(normal),
        }
    }

    /// Returns the larger share of draws that are raised to the minimum length, the name of the length, and that
    /// minimum.
    fn most_raised(&self) -> (f64, &'static str, u64) {
        let sides = [(self.input, "the input", SHORTEST_INPUT), (self.output, "the output", SHORTEST_OUTPUT)];
        let raised = |(spread, what, shortest): (Spread, _, u64)| {
            let shortest = spread.shortest(shortest);
            (spread.share_below(shortest), what, shortest)
        };
        let [input, output] = sides.map(raised);
        if input.0 >= output.0 { input } else { output }
    }
}

impl Spread {
    /// Returns the minimum length of a draw. Without any spread the mean itself may be shorter than `usual`.
    fn shortest(self, usual: u64) -> u64 {
        if self.sd.0 == 0 { usual.min(self.mean.0) } else { usual }
    }

    /// Returns the share of rounded draws below `shortest`.
    fn share_below(self, shortest: u64) -> f64 {
        let distance = self.mean.0 as f64 - (shortest as f64 - 0.5);
        if self.sd.0 == 0 {
            return if distance < 0.0 { 1.0 } else { 0.0 };
        }
        upper_tail(distance / self.sd.0 as f64)
    }
}

/// Returns the share of a standard normal distribution above `z`: Abramowitz and Stegun 26.2.17, to 7.5e-8.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = series.iter().rev().fold(0.0, |sum, it| (sum + it) * t);
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum;
    if z < 0.0 { 1.0 - tail } else { tail }
}

impl Scenario for Normal {
    /// Returns three standard deviations to either side of the mean: all but 27 of 10,000 draws.
    fn input_range(&self) -> Option<RangeInclusive<Tokens>> {
        let (mean, reach) = (self.input.mean.0, self.input.sd.0.saturating_mul(3));
        let shortest = mean.saturating_sub(reach).max(SHORTEST_INPUT);
        Some(Tokens(shortest)..=Tokens(mean.saturating_add(reach)))
    }

    fn warning(&self) -> Option<String> {
        let (share, what, shortest) = self.most_raised();
        let percent = share * 100.0;
        (share > MANY_RAISED).then(|| {
            format!("{percent:.0} % of the draws for {what} are below {shortest} and raised to it: the mean is higher than asked for")
        })
    }

    fn draw(&self, rng: &mut Rng) -> Shape {
        let mut draw = |spread: Spread, shortest: u64| {
            let drawn = rng.normal(spread.mean.0 as f64, spread.sd.0 as f64).round();
            Tokens((drawn.max(0.0) as u64).max(spread.shortest(shortest)))
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
                other => panic!("{other:?}"),
            })
            .collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let sd = (drawn.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / drawn.len() as f64).sqrt();
        assert!((mean - 1000.0).abs() < 3.0, "{mean}");
        assert!((sd - 100.0).abs() < 3.0, "{sd}");
    }

    #[test]
    fn draws_never_go_below_the_shortest_length() {
        let spread = Spread { mean: Tokens(300), sd: Tokens(300) };
        let scenario = Normal::new(spread, spread).unwrap();
        let mut raised = 0;
        for index in 0..1_000 {
            let shape = scenario.draw(&mut Rng::at(7, Stream::Shape, 0, index));
            let Shape::Text { input, output } = shape else { panic!("{shape:?}") };
            assert!(input.0 >= 1 && output.0 >= 2);
            raised += u32::from(input.0 == 1);
        }
        assert!((120..200).contains(&raised), "about 16 % are: {raised}");
    }

    #[test]
    fn a_person_is_told_when_many_draws_are_raised() {
        let normal = |mean, sd| {
            let spread = Spread { mean: Tokens(mean), sd: Tokens(sd) };
            Normal::new(spread, spread)
        };
        assert_eq!(normal(480, 240).unwrap().warning(), None);
        let warning = normal(100, 100).unwrap().warning().unwrap();
        assert!(warning.contains("16 % of the draws"), "{warning}");
        let error = normal(100, 400).unwrap_err().to_string();
        assert!(error.contains("40 % of the draws"), "{error}");
        assert_eq!(normal(1, 0).unwrap().warning(), None);
    }
}
