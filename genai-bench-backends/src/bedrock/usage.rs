//! Token counts on the wire.

use genai_bench_core::record::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

use crate::wire::fields::Count;

/// `usage` of Converse.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUsage {
    /// Without what went through the cache.
    input_tokens: Count,
    output_tokens: Count,
    cache_read_input_tokens: Count,
    cache_write_input_tokens: Count,
    /// Of Nova when it is invoked, which may have both names.
    cache_read_input_token_count: Count,
    cache_write_input_token_count: Count,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let cached = wire.cache_read_input_tokens.or(wire.cache_read_input_token_count);
        let written = wire.cache_write_input_tokens.or(wire.cache_write_input_token_count);
        Self {
            input: whole_prompt(wire.input_tokens, cached, written),
            output: wire.output_tokens.tokens(),
            // They are among the tokens of the output, and are not told of apart.
            reasoning: None,
            cached: cached.tokens(),
        }
    }
}

/// All tokens of a prompt: what is told of as its input leaves out what went through the cache.
pub(super) fn whole_prompt(input: Count, cached: Count, written: Count) -> Option<Tokens> {
    let through_cache: u64 = [cached, written].into_iter().filter_map(Count::get).sum();
    input.get().map(|uncached| Tokens(uncached + through_cache))
}

/// How many tokens the head of an answer in one piece says that there were, of a model that was invoked.
pub(super) fn in_head(head: &http::response::Parts) -> Usage {
    let told = |name| count_in(head, name);
    let cached = told("x-amzn-bedrock-cache-read-input-token-count");
    let written = told("x-amzn-bedrock-cache-write-input-token-count");
    Usage {
        input: whole_prompt(told("x-amzn-bedrock-input-token-count"), cached, written),
        output: told("x-amzn-bedrock-output-token-count").tokens(),
        reasoning: None,
        cached: cached.tokens(),
    }
}

fn count_in(head: &http::response::Parts, name: &str) -> Count {
    let text = head.headers.get(name).and_then(|value| value.to_str().ok());
    text.map(Count::from_text).unwrap_or_default()
}

/// The same where nothing but items is put out.
pub(super) fn input_usage_from_head(head: &http::response::Parts) -> Usage {
    Usage { input: in_head(head).input, ..Usage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_in_the_head_of_an_answer() {
        let head = |count: &str| {
            let response = http::Response::builder()
                .header("X-Amzn-Bedrock-Input-Token-Count", count)
                .header("X-Amzn-Bedrock-Output-Token-Count", "5")
                .header("X-Amzn-Bedrock-Cache-Read-Input-Token-Count", "7")
                .header("X-Amzn-Bedrock-Cache-Write-Input-Token-Count", "1");
            response.body(()).unwrap().into_parts().0
        };
        let (input, output, cached) = (Some(Tokens(20)), Some(Tokens(5)), Some(Tokens(7)));
        assert_eq!(in_head(&head("12")), Usage { input, output, reasoning: None, cached });
        assert_eq!(in_head(&head("many")).input, None);
        assert_eq!(input_usage_from_head(&head("12")), Usage { input, ..Usage::default() });
    }

    #[test]
    fn the_whole_prompt_is_what_was_read_from_the_cache_what_was_written_and_the_rest() {
        let json = r#"{"inputTokens": 3, "outputTokens": 5, "totalTokens": 1008, "cacheReadInputTokens": 800,
            "cacheWriteInputTokens": 200, "cacheDetails": []}"#;
        let usage = Usage::from(serde_json::from_str::<WireUsage>(json).unwrap());
        let expected = Usage {
            input: Some(Tokens(1003)),
            output: Some(Tokens(5)),
            reasoning: None,
            cached: Some(Tokens(800)),
        };
        assert_eq!(usage, expected);
    }

    #[test]
    fn absurd_counts_in_bodies_and_heads_are_none() {
        let json = r#"{"inputTokens": -1, "outputTokens": 1.5, "cacheReadInputTokens": "many"}"#;
        assert_eq!(Usage::from(serde_json::from_str::<WireUsage>(json).unwrap()), Usage::default());
        let response = http::Response::builder()
            .header("x-amzn-bedrock-input-token-count", "-1")
            .header("x-amzn-bedrock-output-token-count", "1e300");
        assert_eq!(in_head(&response.body(()).unwrap().into_parts().0), Usage::default());
    }
}
