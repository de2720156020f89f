//! Why an answer ended.

use genai_bench_core::record::FinishReason;

/// The reason under its common name; `None` while there is none.
pub(super) fn reason(word: &str) -> Option<FinishReason> {
    Some(match word {
        "" => return None,
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::ContentFilter,
        // Such as `pause_turn` and `model_context_window_exceeded`.
        other => FinishReason::Other(other.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_its_common_name_where_there_is_one() {
        for (word, expected) in [
            ("end_turn", FinishReason::Stop),
            ("stop_sequence", FinishReason::Stop),
            ("max_tokens", FinishReason::Length),
            ("tool_use", FinishReason::ToolCalls),
            ("refusal", FinishReason::ContentFilter),
            ("pause_turn", FinishReason::Other("pause_turn".to_owned())),
        ] {
            assert_eq!(reason(word), Some(expected));
        }
        assert_eq!(reason(""), None);
    }
}
