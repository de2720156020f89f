//! Distributions of the duration of one step.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration;
use crate::simulator::random::RandomNumbers;

/// The longest duration of a step, in seconds, whatever was drawn.
const LONGEST_SECONDS: f64 = 3_600.0;

/// A distribution of durations. No draw exceeds one hour.
///
/// As text, which is also its form in JSON: `20ms` (always the same), `exp(20ms)` (exponential, mean 20 ms),
/// `lognormal(20ms,0.3)` (log-normal, mean 20 ms, sigma 0.3).
///
/// ```
/// use std::time::Duration;
/// use genai_bench_backends::simulator::Latency;
///
/// let latency: Latency = "lognormal(20ms, 0.3)".parse()?;
/// assert_eq!(latency, Latency::LogNormal { mean: Duration::from_millis(20), sigma: 0.3 });
/// assert_eq!(latency.to_string(), "lognormal(20ms,0.3)");
/// # Ok::<(), genai_bench_backends::simulator::ParseLatencyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Latency {
    /// A constant duration.
    Fixed(Duration),
    /// An exponential distribution: many short durations, a few long ones.
    Exponential {
        /// The mean of the distribution.
        mean: Duration,
    },
    /// A log-normal distribution, which resembles the steps of real servers.
    LogNormal {
        /// The mean of the distribution (not its median, which is `mean · exp(−sigma²/2)`).
        mean: Duration,
        /// The standard deviation of the logarithm: 0 is constant, 1 varies widely. Finite, not negative.
        sigma: f64,
    },
}

impl Latency {
    /// The constant duration 0.
    pub const ZERO: Self = Self::Fixed(Duration::ZERO);

    /// Returns the mean of the distribution.
    #[must_use]
    pub fn mean(&self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential { mean } | Self::LogNormal { mean, .. } => *mean,
        }
    }

    /// Returns `true` if the parameters describe a distribution.
    pub(in crate::simulator) fn is_valid(&self) -> bool {
        match self {
            Self::Fixed(_) | Self::Exponential { .. } => true,
            Self::LogNormal { sigma, .. } => sigma.is_finite() && *sigma >= 0.0,
        }
    }

    pub(in crate::simulator) fn draw(&self, draws: &mut RandomNumbers) -> Duration {
        let mean = self.mean();
        match self {
            _ if mean.is_zero() => Duration::ZERO,
            Self::Fixed(_) => mean,
            Self::Exponential { .. } => times(mean, draws.exponential()),
            Self::LogNormal { sigma, .. } => {
                times(mean, (sigma * draws.normal() - sigma * sigma / 2.0).exp())
            }
        }
    }
}

/// Returns `duration · factor`, within the longest duration of a step.
pub(in crate::simulator) fn times(duration: Duration, factor: f64) -> Duration {
    let longest = Duration::from_secs_f64(LONGEST_SECONDS);
    let seconds = (duration.as_secs_f64() * factor).min(LONGEST_SECONDS);
    Duration::try_from_secs_f64(seconds).unwrap_or(longest)
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = duration::to_text(self.mean());
        match self {
            Self::Fixed(_) => f.write_str(&mean),
            Self::Exponential { .. } => write!(f, "exp({mean})"),
            Self::LogNormal { sigma, .. } => write!(f, "lognormal({mean},{sigma})"),
        }
    }
}

/// A text that is not a [`Latency`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no latency: write `20ms`, `exp(20ms)` or `lognormal(20ms,0.3)`")]
pub struct ParseLatencyError(String);

impl FromStr for Latency {
    type Err = ParseLatencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).filter(Self::is_valid).ok_or_else(|| ParseLatencyError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Latency> {
    let Some((name, rest)) = text.split_once('(') else {
        return duration::parse(text).map(Latency::Fixed);
    };
    let inside = rest.strip_suffix(')')?;
    match name.trim() {
        "exp" => Some(Latency::Exponential { mean: duration::parse(inside)? }),
        "lognormal" => {
            let (mean, sigma) = inside.split_once(',')?;
            Some(Latency::LogNormal { mean: duration::parse(mean)?, sigma: sigma.trim().parse().ok()? })
        }
        _ => None,
    }
}

impl TryFrom<String> for Latency {
    type Error = ParseLatencyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Latency> for String {
    fn from(latency: Latency) -> Self {
        latency.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::random::Purpose;

    #[test]
    fn the_text_of_a_latency_parses_back() {
        for text in ["20ms", "exp(20ms)", "lognormal(1.5s,0.3)", "0ns"] {
            let latency: Latency = text.parse().unwrap();
            assert_eq!(latency.to_string(), text);
            assert_eq!(serde_json::to_string(&latency).unwrap(), format!("{text:?}"));
        }
    }

    #[test]
    fn invalid_latencies_are_refused() {
        for text in ["", "20", "exp(20ms", "gauss(1ms)", "lognormal(20ms)", "lognormal(20ms,-1)"] {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
        assert!("lognormal(20ms,NaN)".parse::<Latency>().is_err());
    }

    #[test]
    fn the_mean_of_many_draws_is_the_mean() {
        for text in ["20ms", "exp(20ms)", "lognormal(20ms,0.5)"] {
            let latency: Latency = text.parse().unwrap();
            let draw =
                |number| latency.draw(&mut RandomNumbers::new(1, number, Purpose::Latency)).as_secs_f64();
            let mean = (0..20_000).map(draw).sum::<f64>() / 20_000.0;
            assert!((0.0194..0.0206).contains(&mean), "{text}: {mean}");
        }
    }

    #[test]
    fn an_extreme_draw_is_capped() {
        assert_eq!(times(Duration::from_secs(1), f64::INFINITY), Duration::from_secs(3_600));
        assert_eq!(times(Duration::from_millis(3), 2.0), Duration::from_millis(6));
    }
}
