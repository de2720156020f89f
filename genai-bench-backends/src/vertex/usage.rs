//! Token counts on the wire.

use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

use crate::wire::fields::Count;

/// `usageMetadata`. The count of candidates leaves out thoughts; the count of the prompt includes cached tokens.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUsage {
    prompt_token_count: Count,
    candidates_token_count: Count,
    thoughts_token_count: Count,
    cached_content_token_count: Count,
}

impl WireUsage {
    /// Updates the known counts with a `newer` report and returns them. A count that the new report leaves out keeps
    /// its earlier value, because the output is a sum of two counts; but there is no output until one of the two is
    /// reported again.
    pub(super) fn update(&mut self, newer: Self) -> Usage {
        *self = Self {
            prompt_token_count: newer.prompt_token_count.or(self.prompt_token_count),
            candidates_token_count: newer.candidates_token_count.or(self.candidates_token_count),
            thoughts_token_count: newer.thoughts_token_count.or(self.thoughts_token_count),
            cached_content_token_count: newer.cached_content_token_count.or(self.cached_content_token_count),
        };
        let counts_output = newer.candidates_token_count.or(newer.thoughts_token_count).get().is_some();
        let known = Usage::from(*self);
        Usage { output: known.output.filter(|_| counts_output), ..known }
    }
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let thoughts = wire.thoughts_token_count.get();
        let output = match wire.candidates_token_count.get() {
            Some(answer) => Some(answer + thoughts.unwrap_or(0)),
            None => thoughts,
        };
        Self {
            input: wire.prompt_token_count.tokens(),
            output: output.map(Tokens),
            reasoning: thoughts.map(Tokens),
            cached: wire.cached_content_token_count.tokens(),
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
    #[test]
    fn what_a_report_leaves_out_of_the_output_an_earlier_one_tells() {
        let mut known = WireUsage::default();
        for (counts, output) in [
            (json!({"candidatesTokenCount": 1, "thoughtsTokenCount": 24}), Some(25)),
            (json!({"promptTokenCount": 4}), None),
            (json!({"candidatesTokenCount": 3}), Some(27)),
        ] {
            let usage = known.update(serde_json::from_value(counts).unwrap());
            assert_eq!(usage.output.map(|it| it.0), output);
        }
    }
}
