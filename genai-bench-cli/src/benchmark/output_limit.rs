//! The limit on the length of answers.

use genai_bench_core::workload;
use serde_json::{Map, Value};

use super::sent::Sent;
use crate::failure::Failure;

/// The note about a run without a limit.
pub(super) const NOTE: &str = "no output limit: nothing says how long answers may be, so that each ends where the model ends \
                               it; a scenario such as D(1000,100), or max_tokens in --additional-request-params, sets one";

/// Returns whether answers have a limit: from the workload, from a field that is added to every request, or because the task does
/// not answer in text.
pub(super) fn is_given(sent: &Sent, added: &Map<String, Value>) -> Result<bool, Failure> {
    if !sent.plan.task.answers_in_text() || added.keys().any(|field| names_a_limit(field)) {
        return Ok(true);
    }
    Ok(workload::has_output_limit(&sent.plan, &*sent.sampler)?)
}

/// Returns whether a field of a request limits its output: max_tokens, max_completion_tokens, maxOutputTokens and the like.
fn names_a_limit(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    field.contains("max") && field.contains("tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_limit_the_output_are_known_by_their_names() {
        for field in ["max_tokens", "max_completion_tokens", "maxOutputTokens", "max_new_tokens"] {
            assert!(names_a_limit(field), "{field}");
        }
        for field in ["temperature", "min_tokens", "max_retries"] {
            assert!(!names_a_limit(field), "{field}");
        }
    }
}
