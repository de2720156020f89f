//! Construction of the three backends, and what they refuse.

use genai_bench_core::backend::Backend;
use genai_bench_core::request::{Input, OutputLength, Request};
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::auth::Secret;

const FORMATS: [Format; 3] = [Format::Cohere, Format::CohereV2, Format::Generic];

/// Returns settings with a key, an address and the compartment of the SDK's requests.
pub(super) fn settings() -> Settings {
    Settings {
        api_key: Some("sk-EXAMPLE".into()),
        api_base: Some("http://localhost:8000".to_owned()),
        options: [("oci-compartment-id", Secret::from("ocid1.compartment.oc1..c"))].into(),
        ..Settings::default()
    }
}

fn backend(format: Format) -> Arc<dyn Backend> {
    build(&settings(), format).unwrap().backend
}

#[tokio::test]
async fn a_request_is_posted_with_the_key_to_where_a_person_says() {
    let settings =
        Settings { headers: [(ACCEPT, HeaderValue::from_static("x/y"))].into_iter().collect(), ..settings() };
    let endpoint = build(&settings, Format::Generic).unwrap();
    assert_eq!(endpoint.address, "http://localhost:8000/20231130/actions");
    let mut wire = endpoint.backend.encode(&Request::chat("m", "Hello", OutputLength::Free)).unwrap();
    assert_eq!(
        (wire.uri().path(), &wire.headers()[ACCEPT]),
        ("/20231130/actions/chat", &HeaderValue::from_static("x/y"))
    );
    endpoint.auth.authorize(&mut wire).await.unwrap();
    assert_eq!(wire.headers()[AUTHORIZATION], "Bearer sk-EXAMPLE");
}

#[test]
fn what_is_accepted_is_what_the_sdk_accepts() {
    let all: Value = serde_json::from_str(include_str!("../../../fixtures/oci/sdk_requests.json")).unwrap();
    let embeddings = Input::Embeddings { texts: vec!["a".into()], images: vec![] };
    for (request, name) in [
        (Request::chat("m", "Hello", OutputLength::Free), "oci_chat_cohere_stream"),
        (Request::new("m", embeddings), "oci_embed_text"),
    ] {
        let wire = backend(Format::Cohere).encode(&request).unwrap();
        assert_eq!(wire.headers()[ACCEPT], all[name]["accept"].as_str().unwrap());
    }
}

#[test]
fn every_format_has_a_backend_of_its_name() {
    for (format, entry) in FORMATS.into_iter().zip([COHERE, COHERE_V2, GENAI]) {
        let endpoint = entry.build(&settings()).unwrap();
        assert_eq!((entry.name, endpoint.backend.name()), (format.backend(), format.backend()));
    }
}

#[test]
fn what_it_does_not_have_is_refused() {
    let refused = |format, input| backend(format).encode(&Request::new("m", input)).unwrap_err().to_string();
    let completion = || Input::Completion { prompt: "p".into(), output: OutputLength::Free };
    let rerank = || Input::Rerank { query: "q".into(), documents: vec!["d".into()] };
    let speech = || Input::Speech { text: "t".into() };
    for format in FORMATS {
        assert!(refused(format, completion()).contains("conversations only"));
        assert!(refused(format, speech()).ends_with("cannot express this kind of input"));
    }
    assert!(refused(Format::Generic, rerank()).contains("oci-cohere can"));
    for (wrong, setting) in [
        (Settings { chat_api: Some("completions".into()), ..settings() }, "chat_api"),
        (Settings { length_field: Some("max_tokens".into()), ..settings() }, "length_field"),
        (Settings { ignore_eos: Some(true), ..settings() }, "ignore_eos"),
        (Settings { continuous_usage: true, ..settings() }, "continuous_usage"),
    ] {
        let error = build(&wrong, Format::CohereV2).unwrap_err();
        assert!(error.setting == setting && error.problem.contains("OpenAI"), "{error}");
    }
}

#[test]
fn what_is_missing_is_told_by_its_name() {
    let error = |settings: &Settings| build(settings, Format::Generic).unwrap_err();
    assert_eq!(error(&Settings { api_base: None, ..settings() }).setting, "region");
    let no_compartment = error(&Settings { options: [].into(), ..settings() });
    assert_eq!(no_compartment.setting, "oci-compartment-id");
    assert!(no_compartment.problem.contains("OCI_COMPARTMENT_ID"), "{no_compartment}");
    let body = json!({"servingType": "OTHER"}).as_object().unwrap().clone();
    assert_eq!(error(&Settings { body, ..settings() }).setting, "additional_request_params");
}

#[test]
fn options_are_each_there_once() {
    for options in [options::NATIVE, options::OPENAI] {
        let names: std::collections::BTreeSet<_> = options.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), options.len());
        assert!(names.contains("oci-compartment-id") && names.contains("region"), "{names:?}");
    }
}
