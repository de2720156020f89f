//! Token counts on the wire.

use genai_bench_core::event::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

/// `usage`: of chat completions, of completions, and with what servers add.
#[derive(Debug, Deserialize)]
pub(super) struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    /// `SGLang` has it here, whatever it has in the details.
    reasoning_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
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
        let details = wire.completion_tokens_details.and_then(|it| it.reasoning_tokens);
        Self {
            input: wire.prompt_tokens.map(Tokens),
            output: wire.completion_tokens.map(Tokens),
            reasoning: details.or(wire.reasoning_tokens).map(Tokens),
            cached: wire.prompt_tokens_details.and_then(|it| it.cached_tokens).map(Tokens),
        }
    }
}
