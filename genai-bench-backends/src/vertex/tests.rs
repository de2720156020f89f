//! Requests compared with those of the providers' SDKs: google-genai 3.4.0, anthropic 2.12.0 and openai 3.54.0 for
//! Python, as recorded on 2026-11-23 and 2026-11-25.

use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;
use serde_json::{Value, json};

use super::ENTRY;
use crate::entry::{Settings, SettingsError};

mod shapes;

const PROJECT: (&str, &str) = ("gcp-project-id", "demo-project");
const GLOBAL: (&str, &str) = ("gcp-location", "global");
const SIXTEEN: OutputLength = OutputLength::AtMost(Tokens(16));

fn settings(options: &[(&'static str, &str)], extra: &Value) -> Settings {
    let body = extra.as_object().unwrap().clone();
    let options = options.iter().map(|(name, value)| (*name, (*value).into())).collect();
    Settings { api_key: Some("EXAMPLE".into()), options, body, ..Settings::default() }
}

fn sent(settings: &Settings, request: &Request) -> Result<http::Request<bytes::Bytes>, String> {
    let endpoint = ENTRY.build(settings).map_err(|it| it.to_string())?;
    endpoint.backend.encode(request).map_err(|it| it.to_string())
}

/// Asserts that a request equals the SDK's; the `accept` header may differ, since no server reads it.
fn is_as_the_sdk_sends_it(case: &str, options: &[(&'static str, &str)], extra: &Value, request: &Request) {
    let recorded: Value = serde_json::from_str(include_str!("../../fixtures/vertex/requests.json")).unwrap();
    let expected = &recorded[case];
    let wire = sent(&settings(options, extra), request).unwrap();
    assert_eq!(wire.method().as_str(), expected["method"], "{case}");
    assert_eq!(wire.uri().path_and_query().unwrap().as_str(), expected["path"], "{case}");
    assert_eq!(
        wire.headers()["content-type"].to_str().unwrap(),
        expected["headers"]["content-type"],
        "{case}"
    );
    if !case.starts_with("vertex_openai") {
        assert_eq!(wire.headers()["accept"].to_str().unwrap(), expected["headers"]["accept"], "{case}");
    }
    let body: Value = serde_json::from_slice(wire.body()).unwrap();
    assert_eq!(body, expected["json"], "{case}");
}

fn chat(model: &str, output: OutputLength) -> Request {
    Request::chat(model, "Hello", output)
}

fn embeddings(model: &str, texts: &[&str]) -> Request {
    let texts = texts.iter().map(|it| (*it).into()).collect();
    Request::new(model, Input::Embeddings { texts, images: Vec::new() })
}

fn images(model: &str, size: (u32, u32), count: u32) -> Request {
    Request::new(model, Input::Images { prompt: "a cat".into(), size: Some(size), count })
}

#[test]
fn text_is_asked_for_as_the_sdk_asks() {
    let gemini = "gemini-2.5-flash";
    // The SDK sends the name of this field as given, and so does this backend.
    let extra = json!({"temperature": 0.0, "generationConfig": {"thinkingConfig": {"thinking_budget": 0}}});
    is_as_the_sdk_sends_it("vertex_gemini_stream", &[PROJECT], &extra, &chat(gemini, SIXTEEN));
    let free = chat(gemini, OutputLength::Free);
    is_as_the_sdk_sends_it("vertex_gemini_stream_error", &[PROJECT], &json!({}), &free);
    is_as_the_sdk_sends_it("gemini_api_stream_key", &[], &json!({}), &free);
    let messages = vec![Message::system("Be brief."), Message::user("Hello")];
    let instructed = Request::new(gemini, Input::Chat { messages, output: SIXTEEN }).unstreamed();
    is_as_the_sdk_sends_it("vertex_system", &[PROJECT], &json!({}), &instructed);
}

#[test]
fn vectors_are_asked_for_as_the_sdk_asks() {
    let sent =
        |case, extra: &Value, request: &Request| is_as_the_sdk_sends_it(case, &[PROJECT], extra, request);
    let extra = json!({"task_type": "RETRIEVAL_DOCUMENT",
        "parameters": {"outputDimensionality": 256, "autoTruncate": true}});
    sent("vertex_embed_predict", &extra, &embeddings("text-embedding-005", &["a", "b"]));
    let extra = json!({"embedContentConfig": {"outputDimensionality": 256}});
    sent("vertex_embed_gemini_embedding_2", &extra, &embeddings("gemini-embedding-2", &["a"]));
    sent("vertex_embed_gemini_embedding_2_batch", &extra, &embeddings("gemini-embedding-2", &["a", "b"]));
    let extra =
        json!({"embedContentConfig": {"taskType": "RETRIEVAL_DOCUMENT", "outputDimensionality": 256}});
    let first = "gemini-embedding-001";
    sent("vertex_embed_gemini_embedding_001", &extra, &embeddings(first, &["a"]));
    sent("vertex_embed_gemini_embedding_001_batch", &json!({}), &embeddings(first, &["a", "b"]));
    let extra = json!({"outputDimensionality": 256});
    is_as_the_sdk_sends_it("gemini_api_embed", &[], &extra, &embeddings(first, &["a", "b"]));
}

#[test]
fn pictures_and_speech_are_asked_for_as_the_sdk_asks() {
    let wide = images("gemini-2.5-flash-image", (1600, 900), 1);
    is_as_the_sdk_sends_it("vertex_gemini_image", &[PROJECT], &json!({}), &wide);
    is_as_the_sdk_sends_it("gemini_api_image", &[], &json!({}), &wide);
    let square = images("imagen-4.0-generate-001", (1024, 1024), 2);
    is_as_the_sdk_sends_it("vertex_imagen", &[PROJECT], &json!({}), &square);
    let speech = Request::new("gemini-2.5-flash-tts", Input::Speech { text: "Hello".into() });
    let kore = json!({"voiceConfig": {"prebuiltVoiceConfig": {"voice_name": "Kore"}}});
    let extra = json!({"generationConfig": {"speechConfig": kore}});
    is_as_the_sdk_sends_it("vertex_gemini_speech_stream", &[PROJECT], &extra, &speech);
    is_as_the_sdk_sends_it("vertex_gemini_speech", &[PROJECT], &json!({}), &speech.unstreamed());
}

#[test]
fn claude_is_asked_as_its_own_sdk_asks() {
    let claude = chat("claude-sonnet-4-5@20250929", OutputLength::AtMost(Tokens(64)));
    for api in [None, Some(("gcp-vertex-api", "anthropic"))] {
        let options: Vec<_> = [PROJECT, GLOBAL].into_iter().chain(api).collect();
        is_as_the_sdk_sends_it("anthropic_vertex_stream", &options, &json!({}), &claude);
        let at_once = claude.clone().unstreamed();
        is_as_the_sdk_sends_it("anthropic_vertex_whole", &options, &json!({}), &at_once);
    }
    // Fields of the user choose the same API.
    let wire =
        sent(&settings(&[PROJECT], &json!({"stream": false, "anthropic_version": "x"})), &claude).unwrap();
    assert!(wire.uri().path().ends_with(":rawPredict"), "{}", wire.uri());
    assert!(wire.body().ends_with(br#""stream":false,"anthropic_version":"x"}"#), "{:?}", wire.body());
    let older = settings(&[PROJECT, ("gcp-anthropic-version", "vertex-2023-10-16")], &json!({}));
    let wire = sent(&older, &claude).unwrap();
    let body: Value = serde_json::from_slice(wire.body()).unwrap();
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
}

#[test]
fn other_publishers_models_are_asked_as_the_sdk_of_openai_asks() {
    let options = [PROJECT, GLOBAL];
    let llama = "meta/llama-4-scout-17b-16e-instruct-maas";
    for model in [llama, "publishers/meta/models/llama-4-scout-17b-16e-instruct-maas"] {
        is_as_the_sdk_sends_it("vertex_openai_partner_stream", &options, &json!({}), &chat(model, SIXTEEN));
    }
    let openai = [PROJECT, GLOBAL, ("gcp-vertex-api", "openai")];
    for model in ["gemini-2.5-flash", "google/gemini-2.5-flash"] {
        is_as_the_sdk_sends_it("vertex_openai_stream", &openai, &json!({}), &chat(model, SIXTEEN));
    }
    let endpoint = [PROJECT, ("gcp-endpoint-id", "1234567890")];
    is_as_the_sdk_sends_it(
        "vertex_openai_endpoint_stream",
        &endpoint,
        &json!({}),
        &chat("my-model", SIXTEEN),
    );
}

#[test]
fn an_endpoint_is_named_as_it_is_and_can_be_told_what_servers_of_openais_api_know() {
    let mut settings = settings(&[PROJECT, ("gcp-endpoint-id", "responses")], &json!({}));
    settings.ignore_eos = Some(true);
    let wire = sent(&settings, &chat("m", OutputLength::Exactly(Tokens(9)))).unwrap();
    assert!(wire.uri().path().ends_with("/endpoints/responses/chat/completions"), "{}", wire.uri());
    let body: Value = serde_json::from_slice(wire.body()).unwrap();
    assert_eq!((&body["model"], &body["min_tokens"]), (&json!("m"), &json!(9)));
    settings.chat_api = Some("responses".to_owned());
    assert!(
        sent(&settings, &chat("m", SIXTEEN))
            .unwrap_err()
            .starts_with("chat_api: gcp-vertex does not support the responses API")
    );
}

#[test]
fn what_only_openais_api_knows_is_refused_where_it_may_not_be_spoken() {
    for options in [vec![], vec![PROJECT], vec![PROJECT, ("gcp-vertex-api", "anthropic")]] {
        let settings = Settings { ignore_eos: Some(true), ..settings(&options, &json!({})) };
        let SettingsError { setting, problem } = ENTRY.build(&settings).unwrap_err();
        assert_eq!(setting, "ignore_eos");
        assert!(problem.contains("--gcp-vertex-api openai"), "{problem}");
    }
}

#[test]
fn what_an_api_does_not_have_is_refused() {
    let picture = Media::image("data:image/png;base64,QUJD");
    let of_pictures = Input::Embeddings { texts: Vec::new(), images: vec![picture] };
    let (by_anthropic, by_openai) = (("gcp-vertex-api", "anthropic"), ("gcp-vertex-api", "openai"));
    for (options, request, what) in [
        (vec![PROJECT], Request::completion("m", "Hello", SIXTEEN), "a completion"),
        (vec![PROJECT], Request::new("m", of_pictures), "embeddings of pictures"),
        (vec![PROJECT], images("gemini-x-image", (512, 512), 2), "several pictures"),
        (vec![], images("imagen-x", (512, 512), 1), "pictures of Imagen"),
        (vec![PROJECT], chat("a b", SIXTEEN), "a model whose name"),
        (vec![PROJECT], chat("claude-a b", SIXTEEN), "a model whose name"),
        (vec![PROJECT, by_anthropic], embeddings("m", &["a"]), "anything but conversations by Anthropic's"),
        (vec![PROJECT, by_openai], images("m", (512, 512), 1), "anything but conversations by OpenAI's"),
    ] {
        let refused = sent(&settings(&options, &json!({})), &request).unwrap_err();
        assert!(refused.starts_with(&format!("gcp-vertex cannot express {what}")), "{refused}");
    }
}
