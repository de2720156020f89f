//! Token counts on the wire.

use genai_bench_core::event::Usage;
use genai_bench_core::units::Tokens;
use serde::Deserialize;

/// `usage` of Converse.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUsage {
    /// Without what went through the cache.
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let cached = wire.cache_read_input_tokens;
        let through_cache = cached.unwrap_or(0).saturating_add(wire.cache_write_input_tokens.unwrap_or(0));
        Self {
            input: wire.input_tokens.map(|it| Tokens(it.saturating_add(through_cache))),
            output: wire.output_tokens.map(Tokens),
            // They are among the tokens of the output, and are not told of apart.
            reasoning: None,
            cached: cached.map(Tokens),
        }
    }
}

/// How many tokens the head of an answer says that what was sent had, of a model that was invoked.
pub(super) fn in_head(head: &http::response::Parts) -> Usage {
    let told = head.headers.get("x-amzn-bedrock-input-token-count").and_then(|it| it.to_str().ok());
    Usage { input: told.and_then(|it| it.trim().parse().ok()).map(Tokens), ..Usage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_in_the_head_of_an_answer() {
        let head = |count: &str| {
            let response = http::Response::builder().header("X-Amzn-Bedrock-Input-Token-Count", count);
            response.body(()).unwrap().into_parts().0
        };
        assert_eq!(in_head(&head("12")).input, Some(Tokens(12)));
        assert_eq!(in_head(&head("many")).input, None);
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
}
