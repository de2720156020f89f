//! The limit on the length of answers.

use genai_bench_core::units::Tokens;
use genai_bench_core::workload;
use serde_json::{Map, Value};

use super::prepared_workload::PreparedWorkload;
use crate::failure::Failure;

/// The note about a run without a limit.
pub(super) const NOTE: &str = "no output limit: the length of answers is not limited, so that the model alone ends \
                               each of them; a scenario such as D(1000,100), or max_tokens in --additional-request-params, sets one";

/// The names of the limit in the APIs of all backends.
const NAMES: [&str; 7] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "maxTokens",
    "maxCompletionTokens",
    "maxOutputTokens",
];

/// Returns `true` if answers have a limit: from the workload, from a field that is added to every request, or because the
/// task does not answer in text.
pub(super) fn is_given(prepared: &PreparedWorkload, added: &Map<String, Value>) -> Result<bool, Failure> {
    if !prepared.plan.task.answers_in_text()
        || added.iter().any(|(field, value)| !value.is_null() && names_a_limit(field))
    {
        return Ok(true);
    }
    Ok(workload::has_output_limit(&prepared.plan, &*prepared.sampler)?)
}

/// Returns the limit in the fields that are added to every request, which replaces that of the workload. The limit is at the
/// top of a request, or in an object such as `generationConfig`.
pub(super) fn added(fields: &Map<String, Value>) -> Option<Tokens> {
    fields.iter().find_map(|(field, value)| match value {
        Value::Number(limit) if NAMES.contains(&field.as_str()) => limit.as_u64().map(Tokens),
        Value::Object(inner) => added(inner),
        _ => None,
    })
}

/// Returns `true` if a field of a request limits its output, such as max_tokens, max_completion_tokens or maxOutputTokens.
fn names_a_limit(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    field.contains("max") && field.contains("tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_limit_is_found_in_nested_fields() {
        use serde_json::json;

        fn found(fields: &Value) -> Option<u64> {
            added(fields.as_object().unwrap()).map(|limit| limit.0)
        }

        assert_eq!(found(&json!({"temperature": 1, "max_tokens": 5})), Some(5));
        assert_eq!(found(&json!({"generationConfig": {"maxOutputTokens": 6}})), Some(6));
        for none in [json!({"max_tokens": null}), json!({"min_tokens": 5}), json!({"max_tokens_per_doc": 5})]
        {
            assert_eq!(found(&none), None, "{none}");
        }
    }

    #[test]
    fn fields_that_limit_the_output_are_recognized_by_name() {
        for field in ["max_tokens", "max_completion_tokens", "maxOutputTokens", "max_new_tokens"] {
            assert!(names_a_limit(field), "{field}");
        }
        for field in ["temperature", "min_tokens", "max_retries"] {
            assert!(!names_a_limit(field), "{field}");
        }
    }
}
