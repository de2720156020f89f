//! Token counts on the wire.

use genai_bench_core::event::Usage;
use serde::Deserialize;

use crate::wire::lenient::{self, Count};

/// `usage`, under the names of chat completions and under those of every API since, with what servers add.
#[derive(Debug, Deserialize)]
pub(crate) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    input_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    /// `SGLang` has it here, whatever it has in the details.
    reasoning_tokens: Count,
    #[serde(default, deserialize_with = "lenient::object")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "lenient::object")]
    completion_tokens_details: Option<CompletionDetails>,
    #[serde(default, deserialize_with = "lenient::object")]
    input_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "lenient::object")]
    output_tokens_details: Option<CompletionDetails>,
}

impl WireUsage {
    /// Of an answer that is not made of tokens: there are servers that give nothing but the total.
    pub(super) fn of_input(self) -> Usage {
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
        let of_input = wire.prompt_tokens_details.or(wire.input_tokens_details);
        let of_output = wire.completion_tokens_details.or(wire.output_tokens_details);
        let reasoning = of_output.map(|it| it.reasoning_tokens).unwrap_or_default().or(wire.reasoning_tokens);
        Self {
            input: wire.prompt_tokens.or(wire.input_tokens).tokens(),
            output: wire.completion_tokens.or(wire.output_tokens).tokens(),
            reasoning: reasoning.tokens(),
            cached: of_input.and_then(|it| it.cached_tokens.tokens()),
        }
    }
}
