//! Token counts on the wire.

use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

use crate::wire::fields::{self, Count};
use crate::wire::usage::output_tokens;

/// `usage` of an answer. Any of its fields may be absent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    /// The field that Cohere's own client reads, in answers of its models.
    input_tokens: Count,
    output_tokens: Count,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptDetails {
    cached_tokens: Count,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompletionDetails {
    reasoning_tokens: Count,
}

impl WireUsage {
    fn input(&self) -> Count {
        self.prompt_tokens.or(self.input_tokens)
    }

    /// Returns the usage of an answer that has no output tokens, such as embeddings.
    pub(super) fn input_usage(self) -> Option<Usage> {
        let input = self.input().or(self.total_tokens).get().filter(|it| *it > 0)?;
        Some(Usage { input: Some(Tokens(input)), ..Usage::default() })
    }
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let of_output = wire.completion_tokens_details.as_ref();
        let reasoning = of_output.map(|details| details.reasoning_tokens).unwrap_or_default();
        let (input, completion) = (wire.input(), wire.completion_tokens.or(wire.output_tokens));
        Self {
            input: input.tokens(),
            output: output_tokens(input, completion, reasoning, wire.total_tokens),
            reasoning: reasoning.tokens(),
            cached: wire.prompt_tokens_details.and_then(|it| it.cached_tokens.tokens()),
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

    fn input_tokens(counts: serde_json::Value) -> Option<Tokens> {
        read(counts).input_usage()?.input
    }

    #[test]
    fn every_count_is_read_under_its_name() {
        let all = json!({"promptTokens": 41, "completionTokens": 8, "totalTokens": 49,
            "promptTokensDetails": {"cachedTokens": 40},
            "completionTokensDetails": {"reasoningTokens": 3, "acceptedPredictionTokens": 0}});
        let expected = Usage {
            input: Some(Tokens(41)),
            output: Some(Tokens(8)),
            reasoning: Some(Tokens(3)),
            cached: Some(Tokens(40)),
        };
        assert_eq!(Usage::from(read(all)), expected);
        let other = Usage::from(read(json!({"inputTokens": 3, "outputTokens": 2})));
        assert_eq!((other.input, other.output), (Some(Tokens(3)), Some(Tokens(2))));
        let empty = json!({"promptTokensDetails": {}, "completionTokensDetails": null});
        assert_eq!(Usage::from(read(empty)), Usage::default());
    }

    #[test]
    fn reasoning_is_output_also_where_the_completion_leaves_it_out() {
        let output = |total| {
            let counts = json!({"promptTokens": 4, "completionTokens": 26, "totalTokens": total,
                "completionTokensDetails": {"reasoningTokens": 24}});
            Usage::from(read(counts)).output
        };
        assert_eq!(output(json!(54)), Some(Tokens(50)));
        assert_eq!(output(json!(30)), Some(Tokens(26)));
        assert_eq!(output(json!(null)), Some(Tokens(26)));
    }

    #[test]
    fn what_is_not_made_of_tokens_has_those_of_the_prompt_or_the_total() {
        assert_eq!(input_tokens(json!({"promptTokens": 4, "totalTokens": 4})), Some(Tokens(4)));
        assert_eq!(input_tokens(json!({"totalTokens": 4, "completionTokens": 0})), Some(Tokens(4)));
        assert_eq!(input_tokens(json!({"promptTokens": 0})), None);
    }
}
