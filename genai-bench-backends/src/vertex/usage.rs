//! Token counts on the wire.

use genai_bench_core::event::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

/// `usageMetadata`. Candidates leave out thoughts, the prompt has what was cached in it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUsage {
    prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
}

impl WireUsage {
    /// Replaces what `newer` tells, and keeps what it leaves out: output is a sum, which needs both of its parts.
    pub(super) fn update(&mut self, newer: Self) {
        *self = Self {
            prompt_token_count: newer.prompt_token_count.or(self.prompt_token_count),
            candidates_token_count: newer.candidates_token_count.or(self.candidates_token_count),
            thoughts_token_count: newer.thoughts_token_count.or(self.thoughts_token_count),
            cached_content_token_count: newer.cached_content_token_count.or(self.cached_content_token_count),
        };
    }
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let answer = wire.candidates_token_count;
        let thoughts = wire.thoughts_token_count;
        let output = answer.map_or(thoughts, |it| Some(it.saturating_add(thoughts.unwrap_or(0))));
        Self {
            input: wire.prompt_token_count.map(Tokens),
            output: output.map(Tokens),
            reasoning: thoughts.map(Tokens),
            cached: wire.cached_content_token_count.map(Tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output(counts: serde_json::Value) -> Option<u64> {
        let wire: WireUsage = serde_json::from_value(counts).unwrap();
        Usage::from(wire).output.map(|it| it.0)
    }

    #[test]
    fn thoughts_are_output_that_candidates_leave_out() {
        assert_eq!(output(json!({"candidatesTokenCount": 2, "thoughtsTokenCount": 24})), Some(26));
        assert_eq!(output(json!({"candidatesTokenCount": 2})), Some(2));
        assert_eq!(output(json!({"thoughtsTokenCount": 24})), Some(24));
        assert_eq!(output(json!({"promptTokenCount": 4})), None);
    }
}
