//! Requests compared with those of the provider's own SDK.

use genai_bench_core::request::{Input, OutputLength, Request};
use genai_bench_core::units::Tokens;
use serde_json::{Value, json};

use super::Dialect;
use super::entry::build;
use crate::entry::Settings;

mod framing;
mod shapes;

/// Returns the recorded requests: name, request, API, and extra fields of the body.
fn cases() -> Vec<(&'static str, Request, Option<&'static str>, Value)> {
    let at_most = |tokens| OutputLength::AtMost(Tokens(tokens));
    let chat = |tokens| Request::chat("gpt-x", "Hello", at_most(tokens));
    let embeddings = |texts: &[&str]| {
        let texts = texts.iter().map(|&it| it.into()).collect();
        Request::new("text-embedding-3-small", Input::Embeddings { texts, images: Vec::new() })
    };
    let picture = Input::Images { prompt: "a cat".into(), size: Some((1024, 1024)), count: 1 };
    let speech = || Request::new("gpt-4o-mini-tts", Input::Speech { text: "Hello".into() });
    vec![
        ("openai_chat_stream", chat(16), None, json!({"service_tier": "auto", "reasoning_effort": "low"})),
        ("openai_completions_stream", Request::completion("m", "Hello", at_most(4)), None, json!({})),
        (
            "openai_responses_stream",
            chat(64),
            Some("responses"),
            json!({"reasoning": {"effort": "low"}, "store": false,
                "stream_options": {"include_obfuscation": false}}),
        ),
        ("openai_responses_stream_incomplete", chat(16), Some("responses"), json!({})),
        (
            "openai_embeddings_default_is_base64",
            embeddings(&["a", "b"]),
            None,
            json!({"dimensions": 3, "encoding_format": "base64"}),
        ),
        ("openai_embeddings_float", embeddings(&["a"]), None, json!({})),
        (
            "openai_images",
            Request::new("gpt-image-2", picture),
            None,
            json!({"output_format": "png", "quality": "low"}),
        ),
        ("openai_speech_audio", speech(), None, json!({"response_format": "mp3"})),
        ("openai_speech_sse", speech(), None, json!({"stream_format": "sse"})),
    ]
}

/// Returns the recorded body with single values as lists of one: the API accepts both.
fn in_full(request: &Request, mut said: Value) -> Value {
    if let Some(Value::String(text)) = said.get_mut("input") {
        let text = std::mem::take(text);
        match request.input {
            Input::Chat { .. } => said["input"] = json!([{"role": "user", "content": text}]),
            Input::Embeddings { .. } => said["input"] = json!([text]),
            _ => said["input"] = json!(text),
        }
    }
    said
}

#[test]
fn the_provider_is_asked_as_its_own_sdk_asks() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../fixtures/openai/sdk_requests.json")).unwrap();
    let recorded = recorded["cases"].as_object().unwrap();
    let cases = cases();
    assert_eq!(cases.len(), recorded.len());
    for (name, request, chat_api, extra) in cases {
        let body = extra.as_object().unwrap().clone();
        let settings = Settings { body, chat_api: chat_api.map(str::to_owned), ..Settings::default() };
        let endpoint = build(&settings, Dialect::openai(), "https://api.openai.com/v1").unwrap();
        let wire = endpoint.backend.encode(&request).unwrap();
        let wanted = &recorded[name];
        assert_eq!(wire.uri().path(), wanted["path"].as_str().unwrap(), "{name}");
        assert_eq!(
            wire.headers()["content-type"],
            wanted["headers"]["content-type"].as_str().unwrap(),
            "{name}"
        );
        let said: Value = serde_json::from_slice(wire.body()).unwrap();
        assert_eq!(said, in_full(&request, wanted["json"].clone()), "{name}");
    }
}
