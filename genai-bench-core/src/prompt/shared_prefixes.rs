//! Shared prefixes: their length, number and popularity.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::PromptError;
use crate::rng::Rng;
use crate::units::Tokens;

/// The maximum number of prefixes with different popularities: each takes a line in a table.
const MOST_RANKED: u32 = 1_000_000;
/// The number of steps into which a random number is divided to find a rank: the precision of a double.
const STEPS: u64 = 1 << 53;

/// The shared part of a prompt.
///
/// ```
/// # use genai_bench_core::prompt::PrefixLength;
/// # use genai_bench_core::units::Tokens;
/// assert_eq!("2000".parse(), Ok(PrefixLength::Tokens(Tokens(2_000))));
/// assert_eq!("50%".parse(), Ok(PrefixLength::Ratio(0.5)));
/// assert_eq!(PrefixLength::Ratio(0.5).for_prompt(Tokens(101)), Ok(Tokens(50)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrefixLength {
    /// A number of tokens.
    Tokens(Tokens),
    /// A share of the tokens of each prompt, rounded down: at least 0, less than 1.
    Ratio(f64),
}

impl PrefixLength {
    /// Returns the length of the prefix of a prompt of `total` tokens.
    ///
    /// # Errors
    ///
    /// When that is not less than `total`.
    pub fn for_prompt(self, total: Tokens) -> Result<Tokens, PromptError> {
        let prefix = match self {
            Self::Tokens(tokens) => tokens.0,
            Self::Ratio(ratio) => (total.0 as f64 * ratio).floor() as u64,
        };
        if prefix > 0 && prefix >= total.0 {
            return Err(PromptError::PrefixTooLong { prefix, total: total.0 });
        }
        Ok(Tokens(prefix))
    }
}

impl fmt::Display for PrefixLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens(tokens) => write!(f, "{tokens}"),
            Self::Ratio(ratio) => write!(f, "{}%", ratio * 100.0),
        }
    }
}

impl FromStr for PrefixLength {
    type Err = PrefixSpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || PrefixSpecError::Length(text.to_owned());
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(|it| Self::Tokens(Tokens(it))).map_err(|_| unreadable());
        };
        let percent: f64 = percent.trim_end().parse().map_err(|_| unreadable())?;
        checked(Self::Ratio(percent / 100.0))
    }
}

fn checked(length: PrefixLength) -> Result<PrefixLength, PrefixSpecError> {
    match length {
        PrefixLength::Ratio(ratio) if !(0.0..1.0).contains(&ratio) => Err(PrefixSpecError::Ratio(ratio)),
        _ => Ok(length),
    }
}

/// The distribution of requests over prefixes.
///
/// ```
/// # use genai_bench_core::prompt::Popularity;
/// assert_eq!("uniform".parse(), Ok(Popularity::Uniform));
/// assert_eq!("zipf(1.1)".parse(), Ok(Popularity::Zipf { exponent: 1.1 }));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Popularity {
    /// All with the same probability.
    #[default]
    Uniform,
    /// Prefix k, counted from 1, with a probability proportional to 1/k^exponent (Zipf's law).
    Zipf {
        /// The exponent. 0 is uniform; the larger it is, the more requests have the first prefixes.
        exponent: f64,
    },
}

impl fmt::Display for Popularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::Zipf { exponent } => write!(f, "zipf({exponent})"),
        }
    }
}

impl FromStr for Popularity {
    type Err = PrefixSpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exponent = text.strip_prefix("zipf(").and_then(|it| it.strip_suffix(')'));
        match exponent.map(|it| it.trim().parse()) {
            None if text == "uniform" => Ok(Self::Uniform),
            Some(Ok(exponent)) => Ok(Self::Zipf { exponent }),
            _ => Err(PrefixSpecError::Popularity(text.to_owned())),
        }
    }
}

/// Prefixes shared by the requests of a group.
///
/// ```
/// use std::num::NonZeroU32;
/// use genai_bench_core::prompt::{Popularity, PrefixLength, SharedPrefixes};
/// use genai_bench_core::units::Tokens;
///
/// let ten = NonZeroU32::new(10).unwrap();
/// let length = PrefixLength::Tokens(Tokens(2_000));
/// assert!(SharedPrefixes::new(length, ten, Popularity::Zipf { exponent: 1.1 }).is_ok());
/// assert!(SharedPrefixes::new(PrefixLength::Ratio(1.5), ten, Popularity::Uniform).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Spec", into = "Spec")]
pub struct SharedPrefixes {
    length: PrefixLength,
    count: NonZeroU32,
    popularity: Popularity,
    /// For Zipf's law: the probability of this prefix or one before it.
    cumulative: Arc<[f64]>,
}

/// The text form of shared prefixes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    length: PrefixLength,
    #[serde(default = "one")]
    count: NonZeroU32,
    #[serde(default)]
    popularity: Popularity,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl TryFrom<Spec> for SharedPrefixes {
    type Error = PrefixSpecError;

    fn try_from(it: Spec) -> Result<Self, Self::Error> {
        Self::new(it.length, it.count, it.popularity)
    }
}

impl From<SharedPrefixes> for Spec {
    fn from(it: SharedPrefixes) -> Self {
        Self { length: it.length, count: it.count, popularity: it.popularity }
    }
}

impl SharedPrefixes {
    /// Creates `count` prefixes of this length and popularity.
    ///
    /// # Errors
    ///
    /// When a ratio is not in `0..1`, an exponent is negative or not finite, or there are more than a million
    /// prefixes of which some are more popular than others.
    pub fn new(
        length: PrefixLength,
        count: NonZeroU32,
        popularity: Popularity,
    ) -> Result<Self, PrefixSpecError> {
        let length = checked(length)?;
        let cumulative = match popularity {
            Popularity::Uniform => Arc::default(),
            Popularity::Zipf { exponent } => zipf(count.get(), exponent)?,
        };
        Ok(Self { length, count, popularity, cumulative })
    }

    /// Returns the length of the shortest prompt that has room for a prefix and one token after it.
    #[must_use]
    pub fn shortest_prompt(&self) -> Tokens {
        match self.length {
            PrefixLength::Tokens(Tokens(0)) | PrefixLength::Ratio(_) => Tokens(1),
            PrefixLength::Tokens(prefix) => prefix + Tokens(1),
        }
    }

    /// Returns the length of the shared part of a prompt.
    #[must_use]
    pub fn length(&self) -> PrefixLength {
        self.length
    }

    /// Returns the number of prefixes.
    #[must_use]
    pub fn count(&self) -> NonZeroU32 {
        self.count
    }

    /// Returns the distribution of requests over prefixes.
    #[must_use]
    pub fn popularity(&self) -> Popularity {
        self.popularity
    }

    /// Draws the number of a prefix: from 0, and the most popular is 0.
    pub(super) fn draw(&self, rng: &mut Rng) -> u32 {
        let last = self.count.get() - 1;
        if self.cumulative.is_empty() {
            return u32::try_from(rng.below(u64::from(self.count.get()))).unwrap_or(last);
        }
        let share = rng.below(STEPS) as f64 / STEPS as f64;
        let number = self.cumulative.partition_point(|it| *it <= share);
        u32::try_from(number).unwrap_or(last).min(last)
    }
}

/// Returns the cumulative probabilities of the ranks.
fn zipf(count: u32, exponent: f64) -> Result<Arc<[f64]>, PrefixSpecError> {
    if !(exponent.is_finite() && exponent >= 0.0) {
        return Err(PrefixSpecError::Exponent(exponent));
    }
    if count > MOST_RANKED {
        return Err(PrefixSpecError::TooMany(count));
    }
    let sums = (1..=count).scan(0.0, |sum, rank| {
        *sum += f64::from(rank).powf(-exponent);
        Some(*sum)
    });
    let sums: Vec<f64> = sums.collect();
    let all = sums.last().copied().unwrap_or(1.0);
    Ok(sums.into_iter().map(|it| it / all).collect())
}

/// A prompt with a shared prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedPrompt {
    /// The whole text.
    pub text: String,
    /// The number of shared tokens at its beginning.
    pub prefix: Tokens,
    /// The number of its prefix, counted from 0.
    pub prefix_number: u32,
}

/// The error of invalid shared prefixes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrefixSpecError {
    /// A length that is neither a number nor a percentage.
    #[error("'{0}' is no length of a prefix: give a number of tokens, such as 2000, or a share, such as 50%")]
    Length(String),
    /// A share out of its range.
    #[error(
        "{0} is no share of a prompt: give at least 0 (0%) and less than 1 (100%), so that prompts differ at their end"
    )]
    Ratio(f64),
    /// An unknown popularity.
    #[error("'{0}' is no popularity of prefixes: give uniform, or zipf(EXPONENT), such as zipf(1.1)")]
    Popularity(String),
    /// An exponent out of its range.
    #[error("{0} is no exponent of Zipf's law: give a finite number of at least 0, such as 1.1")]
    Exponent(f64),
    /// More prefixes than a table of popularities holds.
    #[error("{0} prefixes are too many for Zipf's law: give 1,000,000 at most, or the popularity uniform")]
    TooMany(u32),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn prefixes(count: u32, popularity: Popularity) -> Result<SharedPrefixes, PrefixSpecError> {
        let count = NonZeroU32::new(count).unwrap();
        SharedPrefixes::new(PrefixLength::Tokens(Tokens(10)), count, popularity)
    }

    /// Returns the number of draws, of `draws`, that gave each prefix.
    fn counts(prefixes: &SharedPrefixes, draws: u32) -> Vec<f64> {
        let mut counts = vec![0.0; prefixes.count().get() as usize];
        let mut rng = Rng::at(3, Stream::Content, 0, 0);
        for _ in 0..draws {
            counts[prefixes.draw(&mut rng) as usize] += 1.0;
        }
        counts
    }

    #[test]
    fn rank_k_is_drawn_in_proportion_to_1_over_k_to_the_s() {
        for exponent in [0.0, 0.8, 1.0, 2.0] {
            let draws = 200_000;
            let counts = counts(&prefixes(20, Popularity::Zipf { exponent }).unwrap(), draws);
            let weights: Vec<f64> = (1..=20).map(|it| f64::from(it).powf(-exponent)).collect();
            let all: f64 = weights.iter().sum();
            // Pearson's statistic with 19 degrees of freedom: above 43.8 once in a thousand seeds.
            let expected = weights.iter().map(|it| it / all * f64::from(draws));
            let statistic: f64 = counts.iter().zip(expected).map(|(seen, it)| (seen - it).powi(2) / it).sum();
            assert!(statistic < 43.8, "exponent {exponent}: {statistic}");
        }
    }

    #[test]
    fn without_a_law_all_are_drawn_equally_often() {
        let counts = counts(&prefixes(8, Popularity::Uniform).unwrap(), 80_000);
        assert!(counts.iter().all(|it| (it - 10_000.0).abs() < 400.0), "{counts:?}");
    }

    #[test]
    fn lengths_are_rounded_down_and_shorter_than_the_prompt() {
        assert_eq!(PrefixLength::Ratio(0.0).for_prompt(Tokens(10)), Ok(Tokens(0)));
        assert_eq!(PrefixLength::Ratio(0.99).for_prompt(Tokens(10)), Ok(Tokens(9)));
        assert_eq!(PrefixLength::Ratio(0.99).for_prompt(Tokens(0)), Ok(Tokens(0)));
        assert_eq!(PrefixLength::Tokens(Tokens(9)).for_prompt(Tokens(10)), Ok(Tokens(9)));
        let error = PrefixLength::Tokens(Tokens(10)).for_prompt(Tokens(10)).unwrap_err();
        assert!(error.to_string().contains("9 at most"), "{error}");
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_what_would_be_right() {
        let message = |it: Result<SharedPrefixes, PrefixSpecError>| it.unwrap_err().to_string();
        assert!(message(prefixes(2, Popularity::Zipf { exponent: -1.0 })).contains("at least 0"));
        assert!(message(prefixes(2, Popularity::Zipf { exponent: f64::NAN })).contains("finite"));
        assert!(message(prefixes(2_000_000, Popularity::Zipf { exponent: 1.0 })).contains("1,000,000"));
        assert!(prefixes(2_000_000, Popularity::Uniform).is_ok());
        for text in ["100%", "-1%", "NaN%"] {
            assert!(matches!(text.parse::<PrefixLength>(), Err(PrefixSpecError::Ratio(_))), "{text}");
        }
        for text in ["", "-3", "a%", "0.5"] {
            assert_eq!(text.parse::<PrefixLength>(), Err(PrefixSpecError::Length(text.to_owned())));
        }
        for text in ["", "zipf", "zipf()", "zipf(a)", "flat"] {
            assert_eq!(text.parse::<Popularity>(), Err(PrefixSpecError::Popularity(text.to_owned())));
        }
    }

    #[test]
    fn a_spec_is_written_and_read_and_checked() {
        let spec = prefixes(5, Popularity::Zipf { exponent: 1.5 }).unwrap();
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(text, r#"{"length":{"tokens":10},"count":5,"popularity":{"zipf":{"exponent":1.5}}}"#);
        assert_eq!(serde_json::from_str::<SharedPrefixes>(&text).unwrap(), spec);
        let short: SharedPrefixes = serde_json::from_str(r#"{"length":{"ratio":0.5}}"#).unwrap();
        assert_eq!((short.count().get(), short.popularity()), (1, Popularity::Uniform));
        for wrong in [r#"{"length":{"ratio":1.0}}"#, r#"{"length":{"tokens":1},"count":0}"#] {
            assert!(serde_json::from_str::<SharedPrefixes>(wrong).is_err(), "{wrong}");
        }
        for text in ["zipf(1.5)", "uniform"] {
            assert_eq!(text.parse::<Popularity>().unwrap().to_string(), text);
        }
        for text in ["2000", "50%"] {
            assert_eq!(text.parse::<PrefixLength>().unwrap().to_string(), text);
        }
    }
}
