//! How many documents come back from a ranking.

use std::sync::Arc;

use serde_json::{Map, Value};

/// How many documents are to be in the answer, unless a person asks about others in `extra`.
pub(crate) fn asked(documents: &[Arc<str>], extra: &Map<String, Value>) -> Option<usize> {
    // To ask for the best 0 is to ask for all of them.
    let best = extra.get("top_n").or(extra.get("topN")).and_then(Value::as_u64).filter(|it| *it > 0);
    let best = best.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
    (!extra.contains_key("documents")).then_some(documents.len().min(best))
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
            assert_eq!(asked(&documents, extra.as_object().unwrap()), wanted, "{extra}");
        }
    }
}
