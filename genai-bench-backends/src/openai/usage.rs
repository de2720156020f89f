//! Token counts on the wire.

use genai_bench_core::event::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

/// `usage`, under the names of chat completions and under those of every API since, with what servers add.
#[derive(Debug, Deserialize)]
pub(crate) struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    total_tokens: Option<u64>,
    /// `SGLang` has it here, whatever it has in the details.
    reasoning_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    input_tokens_details: Option<PromptDetails>,
    output_tokens_details: Option<CompletionDetails>,
}

impl WireUsage {
    /// Of an answer that is not made of tokens: there are servers that give nothing but the total.
    pub(super) fn of_input(self) -> Usage {
        let total = self.total_tokens.map(Tokens);
        let usage = Usage::from(self);
        Usage { input: usage.input.or(total), cached: usage.cached, ..Usage::default() }
    }
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let of_input = wire.prompt_tokens_details.or(wire.input_tokens_details);
        let of_output = wire.completion_tokens_details.or(wire.output_tokens_details);
        let reasoning = of_output.and_then(|it| it.reasoning_tokens).or(wire.reasoning_tokens);
        Self {
            input: wire.prompt_tokens.or(wire.input_tokens).map(Tokens),
            output: wire.completion_tokens.or(wire.output_tokens).map(Tokens),
            reasoning: reasoning.map(Tokens),
            cached: of_input.and_then(|it| it.cached_tokens).map(Tokens),
        }
    }
}
