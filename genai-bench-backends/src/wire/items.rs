//! Answers that consist of items: embeddings, ranked documents, pictures.

use std::sync::Arc;

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde_json::{Map, Value};

/// Returns the expected number of documents in the answer, unless `extra` replaces the documents.
pub(crate) fn expected_documents(documents: &[Arc<str>], extra: &Map<String, Value>) -> Option<usize> {
    // A request for the best 0 documents returns all of them.
    let best = extra.get("top_n").or(extra.get("topN")).and_then(Value::as_u64).filter(|it| *it > 0);
    let best = best.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
    (!extra.contains_key("documents")).then_some(documents.len().min(best))
}

/// Reports `received` items, each complete by itself, if there is at least one and as many as `expected`, where that is
/// known.
pub(crate) fn report(
    what: &str,
    received: usize,
    expected: Option<usize>,
    events: &mut Events<'_>,
) -> Result<(), DecodeError> {
    if received == 0 || expected.is_some_and(|count| count != received) {
        let expected = expected.map_or_else(|| "any".to_owned(), |count| count.to_string());
        return Err(DecodeError::Malformed(format!("{received} {what} instead of {expected}").into()));
    }
    for _ in 0..received {
        events.item();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_wants_only_the_best_is_not_held_to_all() {
        let documents = ["a".into(), "b".into(), "c".into()];
        for (extra, wanted) in [
            (json!({}), Some(3)),
            (json!({"top_n": 2}), Some(2)),
            (json!({"topN": 1}), Some(1)),
            (json!({"top_n": 9}), Some(3)),
            (json!({"top_n": 0}), Some(3)),
            (json!({"documents": ["d"]}), None),
        ] {
            assert_eq!(expected_documents(&documents, extra.as_object().unwrap()), wanted, "{extra}");
        }
    }
}
