//! Finish reasons.

use genai_bench_core::backend::Events;

use genai_bench_core::failure::Failure;
use genai_bench_core::record::FinishReason;

/// Reports the service's finish reason, or a failure with the service's `error` text: a generation that was aborted is
/// no answer.
pub(super) fn report(reason: &str, error: &str, events: &mut Events<'_>) {
    let has_failed = reason.to_ascii_uppercase().starts_with("ERROR");
    match (error, has_failed) {
        ("", false) if reason.is_empty() => {}
        ("", false) => events.finished(finish_reason(reason)),
        ("", true) => {
            let failure = Failure::in_band(format!("{reason}, for no reason given"));
            events.failed(failure.with_code(Some(reason)));
        }
        (error, _) => events.failed(Failure::in_band(error).with_code(Some(reason))),
    }
}

/// Returns the finish reason for the service's word. Cohere's are in upper case, those of others as their makers write
/// them.
fn finish_reason(word: &str) -> FinishReason {
    match &*word.to_ascii_lowercase() {
        "stop" | "complete" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" => FinishReason::Length,
        "tool_call" | "tool_calls" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_common_name() {
        for (words, name) in [
            (&["stop", "STOP", "COMPLETE", "STOP_SEQUENCE"][..], "stop"),
            (&["length", "MAX_TOKENS"], "length"),
            (&["tool_calls", "TOOL_CALL"], "tool_calls"),
            (&["content_filter"], "content_filter"),
            (&["USER_CANCEL"], "USER_CANCEL"),
        ] {
            for word in words {
                assert_eq!(finish_reason(word).to_string(), name, "{word}");
            }
        }
    }
}
