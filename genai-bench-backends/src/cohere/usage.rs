//! Token counts on the wire.

use genai_bench_core::event::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

/// `usage` of an answer in text, `meta` of any other.
#[derive(Debug, Deserialize)]
pub(super) struct WireUsage {
    /// What the model saw and made.
    tokens: Option<Counts>,
    /// What is paid for, which is less: the chat template is free.
    billed_units: Option<Counts>,
    cached_tokens: Option<Count>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
}

/// A number of tokens. The provider's schema has them as numbers with a fraction, such as `70.0`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
struct Count(u64);

impl WireUsage {
    /// Of an answer in text. What is billed says nothing about it.
    pub(super) fn of_text(self) -> Option<Usage> {
        let Counts { input_tokens, output_tokens } = self.tokens?;
        Some(Usage {
            input: input_tokens.map(Count::tokens),
            output: output_tokens.map(Count::tokens),
            reasoning: None,
            cached: self.cached_tokens.map(Count::tokens),
        })
    }

    /// Of vectors and of rankings: these often have nothing but what is billed. Where that is pictures or searches,
    /// no tokens were counted.
    pub(super) fn of_input(self) -> Option<Usage> {
        let seen = [self.tokens, self.billed_units].into_iter().flatten().find_map(|it| it.input_tokens);
        let input = seen.map(Count::tokens).filter(|it| it.0 > 0)?;
        Some(Usage { input: Some(input), cached: self.cached_tokens.map(Count::tokens), ..Usage::default() })
    }
}

impl Count {
    fn tokens(self) -> Tokens {
        Tokens(self.0)
    }
}

impl TryFrom<f64> for Count {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        /// Above it, not every whole number is an `f64`.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && (0.0..=LARGEST).contains(&number) {
            Ok(Self(number as u64))
        } else {
            Err("a number of tokens that is no whole number")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(json: Value) -> WireUsage {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_is_billed_is_not_what_the_model_saw() {
        let usage = json!({"billed_units": {"input_tokens": 3.0, "output_tokens": 8.0},
            "tokens": {"input_tokens": 70.0, "output_tokens": 8}, "cached_tokens": 0.0});
        let expected = Usage {
            input: Some(Tokens(70)),
            output: Some(Tokens(8)),
            cached: Some(Tokens(0)),
            ..Usage::default()
        };
        assert_eq!(read(usage).of_text(), Some(expected));
        assert_eq!(read(json!({"billed_units": {"input_tokens": 3}})).of_text(), None);
    }

    #[test]
    fn where_nothing_else_is_counted_what_is_billed_will_do() {
        let input = |json| read(json).of_input().and_then(|it| it.input);
        assert_eq!(input(json!({"billed_units": {"input_tokens": 3}})), Some(Tokens(3)));
        let both = json!({"billed_units": {"input_tokens": 3}, "tokens": {"input_tokens": 5}});
        assert_eq!(input(both), Some(Tokens(5)));
        assert_eq!(
            input(json!({"billed_units": {"search_units": 1}, "api_version": {"version": "2"}})),
            None
        );
        assert_eq!(input(json!({"billed_units": {"images": 1, "input_tokens": 0}})), None);
    }

    #[test]
    fn a_count_is_a_whole_number() {
        for wrong in ["0.5", "-1", "1e30", "\"1\""] {
            assert!(serde_json::from_str::<Count>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(serde_json::from_str::<Count>("7e1").unwrap().0, 70);
    }
}
