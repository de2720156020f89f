//! Why an answer ended, in the words of all models.

use genai_bench_core::backend::Events;

use genai_bench_core::record::FinishReason;

use crate::wire::stream::Progress;

/// Tells of the reason with this name; an empty one is none yet.
pub(super) fn report(word: &str, events: &mut Events<'_>) -> Progress {
    if word.is_empty() {
        return Progress::More;
    }
    events.finished(reason(word));
    Progress::Finished
}

/// The reason under its common name.
pub(super) fn reason(word: &str) -> FinishReason {
    match word {
        // Cohere and Titan say theirs in capitals.
        "COMPLETE" | "FINISH" | "FINISHED" | "STOP_CRITERIA_MET" | "end_turn" | "stop" | "stop_sequence" => {
            FinishReason::Stop
        }
        "LENGTH" | "MAX_TOKENS" | "length" | "max_tokens" => FinishReason::Length,
        "tool_calls" | "tool_use" => FinishReason::ToolCalls,
        "CONTENT_FILTERED" | "content_filter" | "content_filtered" | "guardrail_intervened" => {
            FinishReason::ContentFilter
        }
        other => FinishReason::Other(other.to_owned()),
    }
}
