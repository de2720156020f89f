//! Token counts on the wire.

use genai_bench_core::record::Usage;
use serde::Deserialize;

use crate::wire::fields::{self, Count};

/// `usage` of an answer in text, `meta` of any other.
#[derive(Debug, Deserialize)]
pub(super) struct WireUsage {
    /// What the model saw and made.
    #[serde(default, deserialize_with = "fields::object_or_none")]
    tokens: Option<Counts>,
    /// What is paid for, which is less: the chat template is free.
    #[serde(default, deserialize_with = "fields::object_or_none")]
    billed_units: Option<Counts>,
    cached_tokens: Count,
}

/// Numbers with a fraction in the provider's schema, such as `70.0`.
#[derive(Debug, Deserialize)]
struct Counts {
    input_tokens: Count,
    output_tokens: Count,
}

impl WireUsage {
    /// Of an answer in text. What is billed says nothing about it.
    pub(super) fn text_usage(self) -> Option<Usage> {
        let Counts { input_tokens, output_tokens } = self.tokens?;
        Some(Usage {
            input: input_tokens.tokens(),
            output: output_tokens.tokens(),
            reasoning: None,
            cached: self.cached_tokens.tokens(),
        })
    }

    /// Of vectors and of rankings: these often have nothing but what is billed. Where that is pictures or searches,
    /// no tokens were counted.
    pub(super) fn input_usage(self) -> Option<Usage> {
        let seen =
            [self.tokens, self.billed_units].into_iter().flatten().find_map(|it| it.input_tokens.tokens());
        let input = seen.filter(|it| it.0 > 0)?;
        Some(Usage { input: Some(input), cached: self.cached_tokens.tokens(), ..Usage::default() })
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::units::Tokens;
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
        assert_eq!(read(usage).text_usage(), Some(expected));
        assert_eq!(read(json!({"billed_units": {"input_tokens": 3}})).text_usage(), None);
    }

    #[test]
    fn where_nothing_else_is_counted_what_is_billed_will_do() {
        let input = |json| read(json).input_usage().and_then(|it| it.input);
        assert_eq!(input(json!({"billed_units": {"input_tokens": 3}})), Some(Tokens(3)));
        let both = json!({"billed_units": {"input_tokens": 3}, "tokens": {"input_tokens": 5}});
        assert_eq!(input(both), Some(Tokens(5)));
        assert_eq!(
            input(json!({"billed_units": {"search_units": 1}, "api_version": {"version": "2"}})),
            None
        );
        assert_eq!(input(json!({"billed_units": {"images": 1, "input_tokens": 0}})), None);
    }
}
