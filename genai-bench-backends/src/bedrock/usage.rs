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
    /// Of Nova when it is invoked, which may have both names.
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let cached = wire.cache_read_input_tokens.or(wire.cache_read_input_token_count);
        let written = wire.cache_write_input_tokens.or(wire.cache_write_input_token_count);
        Self {
            input: whole_prompt(wire.input_tokens, cached, written),
            output: wire.output_tokens.map(Tokens),
            // They are among the tokens of the output, and are not told of apart.
            reasoning: None,
            cached: cached.map(Tokens),
        }
    }
}

/// All tokens of a prompt: what is told of as its input leaves out what went through the cache.
pub(super) fn whole_prompt(input: Option<u64>, cached: Option<u64>, written: Option<u64>) -> Option<Tokens> {
    let through_cache = cached.unwrap_or(0).saturating_add(written.unwrap_or(0));
    input.map(|it| Tokens(it.saturating_add(through_cache)))
}

/// How many tokens the head of an answer in one piece says that there were, of a model that was invoked.
pub(super) fn in_head(head: &http::response::Parts) -> Usage {
    let told = |name| head.headers.get(name)?.to_str().ok()?.trim().parse().ok();
    let cached = told("x-amzn-bedrock-cache-read-input-token-count");
    let written = told("x-amzn-bedrock-cache-write-input-token-count");
    Usage {
        input: whole_prompt(told("x-amzn-bedrock-input-token-count"), cached, written),
        output: told("x-amzn-bedrock-output-token-count").map(Tokens),
        reasoning: None,
        cached: cached.map(Tokens),
    }
}

/// The same where nothing but items is put out.
pub(super) fn of_input_in_head(head: &http::response::Parts) -> Usage {
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
        assert_eq!(of_input_in_head(&head("12")), Usage { input, ..Usage::default() });
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
