//! What is sent, compared with what the provider's SDK sends, and what is refused.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use genai_bench_core::clock::Epoch;
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::exchange::{Timeouts, exchange};
use genai_bench_core::record::FinishReason;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::request::{Input, OutputLength, Request};
use genai_bench_core::target::Target;
use serde_json::{Value, json};

use super::*;

const RESOURCE: &str = "https://res.openai.azure.com";

fn settings(options: &[(&'static str, &str)]) -> Settings {
    let options = options.iter().map(|(name, value)| (*name, Secret::from(*value))).collect();
    Settings { api_key: Some("azkey".into()), options, ..Settings::default() }
}

fn chat() -> Request {
    Request::chat("m", "Hello", OutputLength::Free)
}

/// What goes out, credentials included.
async fn sent(settings: &Settings, request: &Request) -> http::Request<Bytes> {
    let endpoint = build(settings).unwrap();
    let mut wire = endpoint.backend.encode(request).unwrap();
    endpoint.auth.authorize(&mut wire).await.unwrap();
    wire
}

/// What the SDK sends.
fn of_sdk(name: &str) -> Value {
    let all: Value =
        serde_json::from_slice(include_bytes!("../../fixtures/azure/sdk_requests.json")).unwrap();
    all[name].clone()
}

fn path(wire: &http::Request<Bytes>) -> &str {
    wire.uri().path_and_query().unwrap().as_str()
}

fn json(wire: &http::Request<Bytes>) -> Value {
    serde_json::from_slice(wire.body()).unwrap()
}

#[tokio::test]
async fn a_version_is_asked_for_at_the_deployment_as_the_sdk_asks() {
    let options = [(ENDPOINT, RESOURCE), (API_VERSION, "2024-10-21"), (DEPLOYMENT, "my-deploy")];
    let wire = sent(&settings(&options), &chat()).await;
    let sdk = of_sdk("azure_chat_deployment_path_api_key");
    assert_eq!((path(&wire), json(&wire)), (sdk["path"].as_str().unwrap(), sdk["json"].clone()));
    assert_eq!(wire.headers()["api-key"], sdk["headers"]["api-key"].as_str().unwrap());
    assert_eq!(wire.headers().get("authorization"), None);
    assert_eq!(wire.uri().host(), Some("res.openai.azure.com"));
}

#[tokio::test]
async fn a_token_wins_over_a_key_as_with_the_sdk() {
    let options = [(API_VERSION, "2024-10-21"), (AD_TOKEN, "entra.EXAMPLE")];
    let settings = Settings { api_base: Some(RESOURCE.into()), ..settings(&options) };
    let input = Input::Embeddings { texts: vec!["a".into()], images: vec![] };
    let wire = sent(&settings, &Request::new("emb-deploy", input)).await;
    let sdk = of_sdk("azure_embeddings_entra");
    assert_eq!((path(&wire), json(&wire)), (sdk["path"].as_str().unwrap(), sdk["json"].clone()));
    assert_eq!(wire.headers()["authorization"], sdk["headers"]["authorization"].as_str().unwrap());
    assert!(wire.headers()["authorization"].is_sensitive());
    assert_eq!(wire.headers().get("api-key"), None);
}

#[tokio::test]
async fn v1_names_the_deployment_as_the_model() {
    let wire = sent(&settings(&[(ENDPOINT, RESOURCE), (DEPLOYMENT, "my-deploy")]), &chat()).await;
    let sdk = of_sdk("azure_v1_openai_client");
    assert_eq!(path(&wire), sdk["path"]);
    // The SDK was not asked for token counts.
    let mut expected = sdk["json"].clone();
    expected["stream_options"] = json!({"include_usage": true});
    assert_eq!(json(&wire), expected);
    // There a plain OpenAI client was at work, whose key is a bearer's: v1 takes both.
    assert!(wire.headers()["api-key"] == "azkey" && wire.headers()["api-key"].is_sensitive());
    let by_model = sent(&settings(&[(ENDPOINT, RESOURCE)]), &chat()).await;
    assert_eq!(json(&by_model)["model"], "m");
}

#[tokio::test]
async fn an_address_is_taken_as_people_copy_it() {
    let v1 = "https://h/openai/v1/chat/completions";
    for text in ["https://h", "https://h/", "https://h/openai", "https://h/openai/v1/", v1] {
        let wire = sent(&settings(&[(ENDPOINT, text)]), &chat()).await;
        assert_eq!(wire.uri(), v1, "{text}");
        let wire = sent(&settings(&[(ENDPOINT, text), (API_VERSION, "1")]), &chat()).await;
        assert_eq!(wire.uri(), "https://h/openai/deployments/m/chat/completions?api-version=1", "{text}");
    }
    let gateway =
        Settings { api_base: Some("http://gw:8080/v1".into()), ..settings(&[(ENDPOINT, RESOURCE)]) };
    assert_eq!(sent(&gateway, &chat()).await.uri(), "http://gw:8080/v1/chat/completions");
    let empty = settings(&[(ENDPOINT, RESOURCE), (API_VERSION, "")]);
    assert_eq!(path(&sent(&empty, &chat()).await), "/openai/v1/chat/completions");
}

#[tokio::test]
async fn every_task_has_its_path_under_the_deployment() {
    let options = [(ENDPOINT, RESOURCE), (API_VERSION, "2025-04-01-preview"), (DEPLOYMENT, "d")];
    let prompt = || "a".into();
    let tasks = [
        (chat().input, "chat/completions"),
        (Input::Completion { prompt: prompt(), output: OutputLength::Free }, "completions"),
        (Input::Embeddings { texts: vec![prompt()], images: vec![] }, "embeddings"),
        (Input::Images { prompt: prompt(), size: None, count: 1 }, "images/generations"),
        (Input::Speech { text: prompt() }, "audio/speech"),
    ];
    for (input, end) in tasks {
        let wire = sent(&settings(&options), &Request::new("m", input)).await;
        assert_eq!(path(&wire), format!("/openai/deployments/d/{end}?api-version=2025-04-01-preview"));
    }
}

#[tokio::test]
async fn a_version_is_sent_only_fields_that_it_knows() {
    let request = Request::chat("m", "Hello", OutputLength::Exactly(genai_bench_core::units::Tokens(9)));
    for (version, is_older) in [
        ("2023-05-15", true),
        ("2024-02-01", true),
        ("2024-08-01-preview", true),
        ("2024-09-01-preview", false),
        ("2024-10-21", false),
        ("2025-04-01-preview", false),
        ("preview", false),
        ("1", false),
    ] {
        let body = json(&sent(&settings(&[(ENDPOINT, RESOURCE), (API_VERSION, version)]), &request).await);
        let (field, absent) = match is_older {
            true => ("max_tokens", "max_completion_tokens"),
            false => ("max_completion_tokens", "max_tokens"),
        };
        assert_eq!((&body[field], body.get(absent)), (&json!(9), None), "{version}");
        assert_eq!(body.get("stream_options").is_none(), is_older, "{version}");
    }
    let typed = Settings {
        length_field: Some("max_completion_tokens".into()),
        ..settings(&[(ENDPOINT, RESOURCE), (API_VERSION, "2024-02-01")])
    };
    assert_eq!(json(&sent(&typed, &request).await)["max_completion_tokens"], 9);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let error = |settings: &Settings| build(settings).unwrap_err();
    assert_eq!(error(&settings(&[])).setting, ENDPOINT);
    let copied = format!("{RESOURCE}/openai/deployments/d/chat/completions?api-version=2024-10-21");
    let refused = error(&settings(&[(ENDPOINT, &copied)])).to_string();
    assert!(refused.contains("before /openai") && refused.contains("--azure-deployment"), "{refused}");
    assert_eq!(error(&settings(&[(ENDPOINT, "res.openai.azure.com")])).setting, ENDPOINT);
    let mut twice = Settings { api_base: Some("https://other".into()), ..settings(&[]) };
    twice.options.insert(ENDPOINT, Secret::from(RESOURCE).found(Origin::Variable("AZURE_OPENAI_ENDPOINT")));
    assert_eq!(build(&twice).unwrap().address, "https://other/openai/v1");
    twice.options.insert(ENDPOINT, Secret::from(RESOURCE).found(Origin::Option(ENDPOINT)));
    assert!(error(&twice).to_string().contains("'https://other': leave one of them out"));
    twice.api_base = Some(format!("{RESOURCE}/"));
    assert_eq!(build(&twice).unwrap().address, format!("{RESOURCE}/openai/v1"));
    let token = settings(&[(ENDPOINT, RESOURCE), (AD_TOKEN, "line\nbreak")]);
    assert_eq!(error(&token).setting, AD_TOKEN);
    let responses = |version| Settings {
        chat_api: Some("responses".into()),
        ..settings(&[(ENDPOINT, RESOURCE), (API_VERSION, version)])
    };
    assert_eq!(error(&responses("2024-10-21")).setting, API_VERSION);
    let address = build(&responses("")).unwrap().address;
    assert_eq!(address, format!("{RESOURCE}/openai/v1"));
}

/// Plays an answer to a chat.
async fn play(status: u16, content_type: &'static str, body: &'static [u8]) -> RequestRecord {
    let backend = build(&settings(&[(ENDPOINT, RESOURCE)])).unwrap().backend;
    let script =
        ScriptedTransport::paced([Bytes::from_static(body)], Duration::ZERO).with_head(status, content_type);
    let mut record = RequestRecord::default();
    let target = Target::new(backend, Arc::new(script));
    exchange(&target, &chat(), Timeouts::default(), Epoch::start(), &mut record).await;
    record
}

#[tokio::test(start_paused = true)]
async fn what_filters_report_is_neither_output_nor_unknown() {
    let body = include_bytes!("../../fixtures/azure/asynchronous_filter.sse");
    let record = play(200, "text/event-stream", body).await;
    let pieces: u32 = record.arrivals.iter().map(|it| it.pieces).sum();
    assert_eq!((pieces, record.skipped), (2, 0));
    assert_eq!((record.finish, record.failure), (Some(FinishReason::Stop), None));
}

#[tokio::test(start_paused = true)]
async fn a_refused_prompt_says_that_a_filter_refused_it() {
    let body = include_bytes!("../../fixtures/azure/prompt_refused.json");
    let failure = play(400, "application/json", body).await.failure.unwrap();
    let message = "The response was filtered due to the prompt triggering the content management policy. \
                   (content_filter: ResponsibleAIPolicyViolation)";
    assert_eq!((failure.status, &*failure.message), (Some(400), message));
}
