//! `/v1/rerank`, on the wire.

use serde_json::{Value, json};

use super::super::{RerankShape, Settings};
use super::{post, start};

const DOCUMENTS: &str = r#""model":"m","query":"a b","documents":["one",{"text":"two three"},"four"]"#;

fn scores(results: &Value, name: &str) -> Vec<f64> {
    results.as_array().unwrap().iter().map(|it| it[name].as_f64().unwrap()).collect()
}

#[test]
fn documents_are_ranked_the_best_first() {
    let simulator = start(Settings::instant());
    for path in ["/v1/rerank", "/v2/rerank", "/rerank"] {
        simulator.forget();
        let answer = post(&simulator, path, &format!("{{{DOCUMENTS}}}")).json();
        assert!(answer["id"].is_string() && answer["model"] == "m", "{answer}");
        let results = &answer["results"];
        let mut indices: Vec<_> =
            results.as_array().unwrap().iter().map(|it| it["index"].as_u64().unwrap()).collect();
        let texts = ["one", "two three", "four"];
        for (place, index) in indices.iter().enumerate() {
            assert_eq!(results[place]["document"], json!({"text": texts[*index as usize]}));
        }
        indices.sort_unstable();
        assert_eq!(indices, [0, 1, 2]);
        assert!(scores(results, "relevance_score").is_sorted_by(|a, b| a >= b));
        // The query with each of the documents: 3 · 2 + 1 + 2 + 1.
        assert_eq!(answer["usage"], json!({"prompt_tokens": 10, "total_tokens": 10}));
        let truth = &simulator.truth()[0];
        assert_eq!((truth.input_tokens.0, truth.written.len(), truth.stream), (10, 1, false));
    }
}

#[test]
fn top_n_and_return_documents_are_respected() {
    let simulator = start(Settings::instant());
    let body = format!(r#"{{{DOCUMENTS},"top_n":2,"return_documents":false}}"#);
    let results = post(&simulator, "/v1/rerank", &body).json()["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 2);
    assert!(results[0].get("document").is_none(), "{results}");
}

#[test]
fn the_list_shape_is_a_bare_list() {
    let simulator = start(Settings { rerank_shape: RerankShape::List, ..Settings::instant() });
    let answer = post(&simulator, "/v1/rerank", &format!("{{{DOCUMENTS}}}")).json();
    assert_eq!(answer.as_array().map(Vec::len), Some(3));
    let names: Vec<_> = answer[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["score", "document", "index", "meta_info"]);
    assert!(answer[0]["document"].is_string());
    assert!(scores(&answer, "score").is_sorted_by(|a, b| a >= b));
}

#[test]
fn the_invalid_field_is_named() {
    let simulator = start(Settings::instant());
    let cases = [
        (r#"{"model":"m","documents":["a"]}"#, "query"),
        (r#"{"model":"m","query":"q","documents":[]}"#, "documents"),
        (r#"{"model":"m","query":"q","documents":[{"txt":"a"}]}"#, "documents"),
        (r#"{"model":"m","query":"q","documents":["a"],"top_n":0}"#, "top_n"),
    ];
    for (body, field) in cases {
        let raw = post(&simulator, "/v1/rerank", body);
        assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some(field)), "{body}");
    }
}
