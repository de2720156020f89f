//! Token counts on the wire.

use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

use crate::wire::fields::{self, Count};

/// Token counts: of the whole request, as far as it is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Counts {
    /// Of the prompt, what was neither read from the cache nor written to it.
    input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_read_input_tokens: Count,
    /// Reasoning included.
    output_tokens: Count,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct OutputDetails {
    thinking_tokens: Count,
}

impl Counts {
    /// Only those of the prompt.
    pub(super) fn without_output(self) -> Self {
        Self { output_tokens: Count::default(), output_tokens_details: None, ..self }
    }

    /// Takes over what `newer` has. A later report may leave out a part of the prompt that an earlier one had.
    pub(super) fn update(&mut self, newer: Self) {
        self.input_tokens = newer.input_tokens.or(self.input_tokens);
        self.cache_creation_input_tokens =
            newer.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = newer.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.output_tokens = newer.output_tokens.or(self.output_tokens);
        self.output_tokens_details = newer.output_tokens_details.or(self.output_tokens_details);
    }
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        let cache = [counts.cache_creation_input_tokens, counts.cache_read_input_tokens];
        let through_cache: u64 = cache.into_iter().filter_map(Count::get).sum();
        let input = counts.input_tokens.get().map(|uncached| uncached + through_cache);
        Self {
            input: input.map(Tokens),
            output: counts.output_tokens.tokens(),
            reasoning: counts.output_tokens_details.and_then(|details| details.thinking_tokens.tokens()),
            cached: counts.cache_read_input_tokens.tokens(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(json: serde_json::Value) -> Counts {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_prompt_is_all_of_it_wherever_it_came_from() {
        let usage = Usage::from(counts(
            json!({"input_tokens": 5, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}),
        ));
        let expected = Usage { input: Some(Tokens(325)), cached: Some(Tokens(300)), ..Usage::default() };
        assert_eq!(usage, expected);
        assert_eq!(Usage::from(counts(json!({"cache_read_input_tokens": null}))), Usage::default());
    }

    #[test]
    fn a_later_report_without_the_cache_does_not_make_the_prompt_shorter() {
        let mut seen = counts(json!({"input_tokens": 5, "cache_read_input_tokens": 300}));
        seen.update(counts(json!({"input_tokens": 6, "output_tokens": 9})));
        let usage = Usage::from(seen);
        assert_eq!((usage.input, usage.output), (Some(Tokens(306)), Some(Tokens(9))));
    }
}
