//! Signatures, compared byte for byte with those of other implementations.

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::Value;

use super::*;

/// Returns the time of the recordings, 2026-11-23T08:00:00Z.
fn recorded() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_420_800)
}

fn request(case: &Value) -> http::Request<Bytes> {
    let mut request = http::Request::post(case["url"].as_str().unwrap());
    for (name, value) in case["headers"].as_object().unwrap() {
        if !["authorization", "x-amz-date", "x-amz-security-token"].contains(&&**name) {
            request = request.header(name, value.as_str().unwrap());
        }
    }
    request.body(Bytes::from(case["body"].as_str().unwrap().to_owned())).unwrap()
}

async fn signed(case: &Value, keys: &Value, request: &mut http::Request<Bytes>) {
    let secret = |value: &Value| Secret::from(value.as_str().unwrap());
    let token = case["session_token"].as_str().map(Secret::from);
    let service = if case["service"] == "bedrock" { "bedrock" } else { "bedrock-mantle" };
    let region = case["region"].as_str().unwrap().to_owned();
    let (id, key) = (secret(&keys["access_key"]), secret(&keys["secret_key"]));
    let auth = SigV4::with_keys(&id, &key, token.as_ref(), region, service).at(recorded);
    auth.authorize(request).await.unwrap();
}

#[tokio::test]
async fn requests_are_signed_as_boto3_signs_them() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../fixtures/bedrock/sigv4.json")).unwrap();
    let mut signatures = 0;
    for case in recorded["cases"].as_array().unwrap().iter().filter(|it| it["service"].is_string()) {
        let mut wire = request(case);
        // Headers that are sent too, but are no part of the signature.
        wire.headers_mut().insert("user-agent", http::HeaderValue::from_static("genai-bench"));
        // A second signature replaces the first.
        for _ in 0..2 {
            signed(case, &recorded, &mut wire).await;
        }
        for (name, value) in case["headers"].as_object().unwrap() {
            let is = wire.headers()[name].to_str().unwrap();
            assert_eq!(is, value.as_str().unwrap(), "{}: {name}", case["name"]);
        }
        assert!(wire.headers()[AUTHORIZATION].is_sensitive());
        signatures += 1;
    }
    assert_eq!(signatures, 10);
}

#[tokio::test]
async fn a_signature_covers_the_body_and_the_address() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../fixtures/bedrock/sigv4.json")).unwrap();
    let case = &recorded["cases"][0];
    let mut all = std::collections::HashSet::new();
    for (url, body) in [("/model/a/converse", "{}"), ("/model/b/converse", "{}"), ("/model/a/converse", "[]")]
    {
        let mut wire = request(case);
        *wire.uri_mut() = format!("https://bedrock-runtime.us-east-1.amazonaws.com{url}").parse().unwrap();
        *wire.body_mut() = body.into();
        signed(case, &recorded, &mut wire).await;
        all.insert(wire.headers()[AUTHORIZATION].clone());
    }
    assert_eq!(all.len(), 3);
}

#[tokio::test]
async fn the_error_for_an_unsignable_request_has_the_reason() {
    let auth = SigV4::with_keys(&"id".into(), &"key".into(), None, "us-east-1", "bedrock");
    let header = http::HeaderValue::from_bytes(b"\xff").unwrap();
    let mut wire =
        http::Request::post("http://localhost/").header("x-odd", header).body(Bytes::new()).unwrap();
    let error = auth.authorize(&mut wire).await.unwrap_err();
    assert_eq!(error.to_string(), "no credentials from AWS: the header x-odd is no UTF-8");
}

/// Returns the time of AWS's test suite, 2015-08-30T12:36:00Z.
fn of_the_suite() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// Returns the unsigned request of a case of the suite.
fn of_suite(case: &Value) -> http::Request<Bytes> {
    let input = &case["input"];
    let method = input["method"].as_str().unwrap();
    let mut request = http::Request::builder().method(method).uri(input["url"].as_str().unwrap());
    for header in input["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        request = request.header(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    // The sender adds this header, where it is used.
    let canonical = case["expected"]["canonical_request"].as_str().unwrap();
    if let Some((_, rest)) = canonical.split_once("x-amz-content-sha256:") {
        request = request.header("x-amz-content-sha256", rest.lines().next().unwrap());
    }
    request.body(input["body"].as_str().unwrap_or_default().to_owned().into()).unwrap()
}

#[tokio::test]
async fn requests_are_signed_as_in_the_aws_test_suite() {
    let suite: Value =
        serde_json::from_str(include_str!("../../../../fixtures/bedrock/sigv4_suite.json")).unwrap();
    let [id, key] = ["access_key", "secret_key"].map(|it| Secret::from(suite[it].as_str().unwrap()));
    let cases = suite["cases"].as_array().unwrap();
    for case in cases {
        let token = case["input"]["session_token"].as_str().map(Secret::from);
        let auth = SigV4::with_keys(&id, &key, token.as_ref(), "us-east-1", "service").at(of_the_suite);
        let mut request = of_suite(case);
        auth.authorize(&mut request).await.unwrap();
        let signed = request.headers()[AUTHORIZATION].to_str().unwrap();
        assert_eq!(signed, case["expected"]["authorization"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 14);
}

#[tokio::test]
async fn a_prepared_hash_is_used_for_the_signature() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../fixtures/bedrock/sigv4.json")).unwrap();
    let case = &recorded["cases"][0];
    let auth = SigV4::with_keys(&"AKIAEXAMPLE".into(), &"secret".into(), None, "us-east-1", "bedrock");
    let auth = auth.at(self::recorded);
    let signature = async |mut request: http::Request<Bytes>| {
        auth.authorize(&mut request).await.unwrap();
        request.headers()[AUTHORIZATION].clone()
    };
    let plain = signature(request(case)).await;
    let mut prepared = request(case);
    auth.prepare(&mut prepared);
    assert_eq!(signature(prepared.clone()).await, plain);
    let body = prepared.body().clone();
    prepared.extensions_mut().insert(BodyHash { sha256: [7; 32], body });
    assert_ne!(signature(prepared.clone()).await, plain, "the hash is taken as it was left");
    *prepared.body_mut() = Bytes::copy_from_slice(prepared.body());
    assert_eq!(signature(prepared).await, plain, "another body is hashed anew");
}
