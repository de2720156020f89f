//! `/v1/images/generations`, on the wire.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::Settings;
use super::{post, start};

const PATH: &str = "/v1/images/generations";

#[test]
fn the_requested_number_of_images_is_generated() {
    let simulator = start(Settings::instant());
    let body = r#"{"model":"m","prompt":"a red cat","n":2,"size":"1024x1024"}"#;
    let answer = post(&simulator, PATH, body).json();
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    let pictures = answer["data"].as_array().unwrap();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        let png = STANDARD.decode(picture["b64_json"].as_str().unwrap()).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    }
    assert_eq!((&answer["usage"]["input_tokens"], &answer["usage"]["total_tokens"]), (&3.into(), &3.into()));
    let truth = &simulator.truth()[0];
    assert_eq!((truth.input_tokens.0, truth.output_tokens.0, truth.written.len()), (3, 0, 1));
    let body = r#"{"model":"m","prompt":"a cat","response_format":"url"}"#;
    let answer = post(&simulator, PATH, body).json();
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
    assert!(answer["data"][0]["url"].as_str().unwrap().starts_with("data:image/png;base64,"));
}

#[test]
fn images_are_generated_one_after_the_other() {
    let settings = Settings {
        image: "20ms".parse().unwrap(),
        ttft: "20s".parse().unwrap(),
        itl: "20s".parse().unwrap(),
        prefill: Duration::from_secs(20_000),
        ..Settings::instant()
    };
    let simulator = start(settings);
    post(&simulator, PATH, r#"{"model":"m","prompt":"a cat","n":3}"#);
    let truth = &simulator.truth()[0];
    let took = truth.written[0].since(truth.received).unwrap();
    assert!((Duration::from_millis(60)..Duration::from_secs(20)).contains(&took), "{took:?}");
}

#[test]
fn the_invalid_field_is_named() {
    let simulator = start(Settings::instant());
    let cases = [
        (r#"{"model":"m"}"#, "prompt"),
        (r#"{"model":"m","prompt":"a","n":0}"#, "n"),
        (r#"{"model":"m","prompt":"a","size":"large"}"#, "size"),
        (r#"{"model":"m","prompt":"a","size":"0x10"}"#, "size"),
        (r#"{"model":"m","prompt":"a","response_format":"png"}"#, "response_format"),
        (r#"{"model":"m","prompt":"a","stream":true}"#, "stream"),
    ];
    for (body, field) in cases {
        let raw = post(&simulator, PATH, body);
        assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some(field)), "{body}");
    }
}
