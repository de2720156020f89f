//! Addresses, compartment headers, and what is refused.

use genai_bench_core::request::{Input, OutputLength, Request};
use genai_bench_core::units::Tokens;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::*;
use crate::auth::Secret;

fn with_a_key() -> Settings {
    Settings {
        api_key: Some("sk-EXAMPLE".into()),
        options: [("region", Secret::from("us-chicago-1"))].into(),
        ..Settings::default()
    }
}

fn in_compartment(settings: Settings) -> Settings {
    let mut settings = settings;
    settings.options.insert("oci-compartment-id", "ocid1.compartment.oc1..c".into());
    settings
}

fn at(base: &str, settings: Settings) -> Settings {
    Settings { api_base: Some(base.to_owned()), ..settings }
}

fn body(fields: &Value) -> Settings {
    Settings { body: fields.as_object().unwrap().clone(), ..with_a_key() }
}

const HOST: &str = "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com";

#[test]
fn a_key_and_a_signature_have_different_paths() {
    let address = |settings: &Settings| build(settings).unwrap().address;
    assert_eq!(address(&with_a_key()), format!("{HOST}/20231130/actions/v1"));
    let base = base(&with_a_key(), Some("us-chicago-1"), true).unwrap();
    assert_eq!(base.to_string(), format!("{HOST}/openai/v1"));
}

#[test]
fn a_request_is_signed_unless_there_is_a_key_or_a_person_says_so() {
    let without = Settings { api_key: None, ..with_a_key() };
    assert!(is_signed(&without) && !is_signed(&with_a_key()));
    let mut with_a_header = without.clone();
    with_a_header.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert!(!is_signed(&with_a_header));
    for (way, signed) in [("user_principal", true), ("api_key", false)] {
        let mut said = with_a_key();
        said.options.insert("auth", way.into());
        assert_eq!(is_signed(&said), signed, "{way}");
    }
}

#[test]
fn an_address_is_understood_however_it_was_copied() {
    let read = |text: &str, is_signed| base(&at(text, with_a_key()), None, is_signed).unwrap().to_string();
    for path in ["", "/", "/openai", "/20231130", "/20231130/actions/"] {
        let text = format!("https://h{path}");
        assert_eq!(read(&text, true), "https://h/openai/v1", "{path}");
        assert_eq!(read(&text, false), "https://h/20231130/actions/v1", "{path}");
    }
    for as_given in ["https://h/openai/v1", "https://h/20231130/actions/v1"] {
        for is_signed in [true, false] {
            assert_eq!(read(&format!("{as_given}/chat/completions"), is_signed), as_given);
        }
    }
}

#[tokio::test]
async fn a_request_names_the_compartment_and_carries_the_key() {
    let settings = at("http://h:1", in_compartment(with_a_key()));
    let endpoint = build(&settings).unwrap();
    let mut wire =
        endpoint.backend.encode(&Request::chat("m", "Hello", OutputLength::AtMost(Tokens(9)))).unwrap();
    endpoint.auth.authorize(&mut wire).await.unwrap();
    assert_eq!(wire.uri(), "http://h:1/20231130/actions/v1/chat/completions");
    assert_eq!(wire.headers()["opc-compartment-id"], "ocid1.compartment.oc1..c");
    assert_eq!(wire.headers()["CompartmentId"], "ocid1.compartment.oc1..c");
    assert_eq!(wire.headers()[AUTHORIZATION], "Bearer sk-EXAMPLE");
    let image = Input::Images { prompt: "cat".into(), size: None, count: 1 };
    let wire = endpoint.backend.encode(&Request::new("m", image)).unwrap();
    assert_eq!(wire.uri().path(), "/20231130/actions/v1/images/generations");
}

#[test]
fn the_compartment_of_the_python_tool_is_a_header_and_no_field() {
    let endpoint = build(&body(&json!({"compartmentId": "c", "seed": 1}))).unwrap();
    let wire = endpoint.backend.encode(&Request::chat("m", "Hello", OutputLength::Free)).unwrap();
    assert_eq!(wire.headers()["opc-compartment-id"], "c");
    let said: Value = serde_json::from_slice(wire.body()).unwrap();
    assert_eq!((said.get("compartmentId"), &said["seed"]), (None, &json!(1)));
    let without = build(&with_a_key()).unwrap().backend;
    let wire = without.encode(&Request::chat("m", "Hello", OutputLength::Free)).unwrap();
    assert!(!wire.headers().contains_key("opc-compartment-id"));
}

#[test]
fn conversations_can_go_through_responses() {
    let settings = Settings { chat_api: Some("responses".into()), ..with_a_key() };
    let wire =
        build(&settings).unwrap().backend.encode(&Request::chat("m", "Hello", OutputLength::Free)).unwrap();
    assert_eq!(wire.uri().path(), "/20231130/actions/v1/responses");
}

#[test]
fn what_leads_nowhere_is_refused_by_its_name() {
    for (wrong, setting) in [
        (Settings { options: [].into(), ..with_a_key() }, "region"),
        (at("h:1", with_a_key()), "api_base"),
        (body(&json!({"servingType": "ON_DEMAND"})), "additional_request_params"),
        (body(&json!({"endpointId": "e"})), "additional_request_params"),
        (body(&json!({"compartmentId": "a\nb"})), "oci-compartment-id"),
    ] {
        assert_eq!(build(&wrong).unwrap_err().setting, setting, "{wrong:?}");
    }
}
