//! `/v1/embeddings`, on the wire.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::{Fault, Faults, Settings, Simulator, UsageMode};
use super::{post, start};

fn embed(simulator: &Simulator, input: &str) -> super::Raw {
    post(simulator, "/v1/embeddings", &format!(r#"{{"model":"m",{input}}}"#))
}

#[test]
fn each_input_has_a_vector_of_length_one() {
    let simulator = start(Settings::instant());
    let raw = embed(&simulator, r#""input":["one two","three","four five six"]"#);
    assert!(raw.complete && raw.head.contains("content-type: application/json"), "{}", raw.head);
    let answer = raw.json();
    assert_eq!((&answer["object"], &answer["model"]), (&json!("list"), &json!("m")));
    assert_eq!(answer["usage"], json!({"prompt_tokens": 6, "total_tokens": 6}));
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 3);
    for (index, item) in data.iter().enumerate() {
        assert_eq!((&item["object"], &item["index"]), (&json!("embedding"), &json!(index)));
        let vector: Vec<f64> = serde_json::from_value(item["embedding"].clone()).unwrap();
        let length = vector.iter().map(|it| it * it).sum::<f64>();
        assert!(vector.len() == 16 && (length - 1.0).abs() < 1e-5, "{vector:?}");
    }
    let [truth] = simulator.truth().try_into().unwrap();
    assert_eq!((truth.input_tokens.0, truth.output_tokens.0, truth.written.len()), (6, 0, 1));
    assert!(!truth.stream && truth.fault.is_none() && truth.model == "m");
}

#[test]
fn every_kind_of_input_is_counted() {
    let simulator = start(Settings { tokens_per_image: 10, ..Settings::instant() });
    let picture = r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}"#;
    let messages =
        format!(r#""messages":[{{"role":"user","content":[{picture},{{"type":"text","text":"a b"}}]}}]"#);
    let cases = [
        (r#""input":"one two""#, (1, 2, 0)),
        (r#""input":[1,2,3]"#, (1, 3, 0)),
        (r#""input":[[1,2,3],[4]]"#, (2, 4, 0)),
        (r#""input":[{"text":"a b","image":"data:,x"},{"image":"data:,y"}]"#, (2, 22, 2)),
        (messages.as_str(), (1, 12, 1)),
    ];
    for (input, (vectors, tokens, images)) in cases {
        simulator.forget();
        let answer = embed(&simulator, input).json();
        assert_eq!(answer["data"].as_array().map(Vec::len), Some(vectors), "{input}");
        assert_eq!(answer["usage"]["prompt_tokens"], tokens, "{input}");
        let truth = &simulator.truth()[0];
        assert_eq!((truth.input_tokens.0, truth.media.images), (tokens, images), "{input}");
    }
}

#[test]
fn base64_and_plain_vectors_hold_the_same_numbers() {
    let vector = |rest: &str| {
        let simulator = start(Settings::instant()); // so that both are its first request
        embed(&simulator, &format!(r#""input":"a","dimensions":5{rest}"#)).json()["data"][0]["embedding"]
            .clone()
    };
    let plain: Vec<f32> = serde_json::from_value(vector("")).unwrap();
    let encoded = STANDARD.decode(vector(r#","encoding_format":"base64""#).as_str().unwrap()).unwrap();
    let numbers: Vec<f32> = encoded.chunks(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect();
    assert_eq!((plain.len(), numbers), (5, plain));
}

#[test]
fn a_batch_takes_the_prefill_of_all_its_tokens() {
    let prefill = Duration::from_secs(10); // 10 ms a token
    let settings = Settings { prefill, ttft: "10ms".parse().unwrap(), ..Settings::instant() };
    let simulator = start(settings);
    embed(&simulator, r#""input":["a b","c"]"#);
    let truth = &simulator.truth()[0];
    assert!(truth.written[0].since(truth.received).unwrap() >= Duration::from_millis(40));
}

#[test]
fn the_invalid_field_is_named() {
    let simulator = start(Settings { usage: UsageMode::Never, ..Settings::instant() });
    let cases = [
        (r#""input":[]"#, "input"),
        (r#""input":["a",7]"#, "input"),
        (r#""input":"a","encoding_format":"hex""#, "encoding_format"),
        (r#""input":"a","dimensions":0"#, "dimensions"),
        (r#""input":"a","stream":true"#, "stream"),
    ];
    for (input, field) in cases {
        let raw = embed(&simulator, input);
        assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some(field)), "{input}");
    }
    assert!(simulator.truth().is_empty());
    assert_eq!(embed(&simulator, r#""input":"a""#).json().get("usage"), None);
}

#[test]
fn faults_are_injected_into_embeddings() {
    let faults = Faults { garbage: 100.0, ..Faults::default() };
    let simulator = start(Settings { faults, ..Settings::instant() });
    assert_eq!(embed(&simulator, r#""input":"a""#).body(), b"{this is not json");
    let faults = Faults { cut: 100.0, cut_after_bytes: Some(20), ..Faults::default() };
    let simulator = start(Settings { faults, ..Settings::instant() });
    let raw = embed(&simulator, r#""input":"a""#);
    assert_eq!((raw.body().len(), raw.complete), (20, false));
    assert_eq!(simulator.truth()[0].fault, Some(Fault::Cut));
}
