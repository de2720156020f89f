//! Token counts on the wire.

use genai_bench_core::record::Usage;
use serde::Deserialize;

use crate::wire::fields::{self, Count};
use crate::wire::usage::output_tokens;

/// `usage`, under the names of chat completions and those of all later APIs, with the additions of servers.
#[derive(Debug, Deserialize)]
pub(crate) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    input_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    /// `SGLang`'s place for this count, whatever its details hold.
    reasoning_tokens: Count,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    completion_tokens_details: Option<CompletionDetails>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    input_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    output_tokens_details: Option<CompletionDetails>,
}

impl WireUsage {
    /// Returns the usage of an answer without output tokens. Some servers send only the total.
    pub(super) fn input_usage(self) -> Usage {
        let total = self.total_tokens.tokens();
        let usage = Usage::from(self);
        Usage { input: usage.input.or(total), cached: usage.cached, ..Usage::default() }
    }
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    cached_tokens: Count,
}

#[derive(Debug, Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Count,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let input_usage = wire.prompt_tokens_details.or(wire.input_tokens_details);
        let of_output = wire.completion_tokens_details.or(wire.output_tokens_details);
        let reasoning = of_output.map(|it| it.reasoning_tokens).unwrap_or_default().or(wire.reasoning_tokens);
        let input = wire.prompt_tokens.or(wire.input_tokens);
        let completion = wire.completion_tokens.or(wire.output_tokens);
        Self {
            input: input.tokens(),
            output: output_tokens(input, completion, reasoning, wire.total_tokens),
            reasoning: reasoning.tokens(),
            cached: input_usage.and_then(|it| it.cached_tokens.tokens()),
        }
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;

    fn read(counts: Value) -> Usage {
        serde_json::from_value::<WireUsage>(counts).unwrap().into()
    }

    #[test]
    fn reasoning_is_output_wherever_it_is_counted() {
        for counts in [
            json!({"completion_tokens": 8, "completion_tokens_details": {"reasoning_tokens": 200}}),
            json!({"output_tokens": 8, "output_tokens_details": {"reasoning_tokens": 200}}),
            json!({"completion_tokens": 8, "reasoning_tokens": 200}),
            json!({"completion_tokens": 208, "reasoning_tokens": 200}),
            json!({"completion_tokens": 208, "completion_tokens_details": {"reasoning_tokens": 200}}),
        ] {
            let usage = read(counts.clone());
            assert_eq!((usage.output, usage.reasoning), (Some(Tokens(208)), Some(Tokens(200))), "{counts}");
        }
        let apart = json!({"prompt_tokens": 10, "completion_tokens": 300, "total_tokens": 510,
            "completion_tokens_details": {"reasoning_tokens": 200}});
        assert_eq!(read(apart).output, Some(Tokens(500)));
    }

    #[test]
    fn reasoning_that_nobody_counted_is_absent() {
        let usage = read(json!({"completion_tokens": 8, "completion_tokens_details": null}));
        assert_eq!((usage.output, usage.reasoning), (Some(Tokens(8)), None));
    }
}
