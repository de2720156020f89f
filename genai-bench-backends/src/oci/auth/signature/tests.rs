//! Comparison with the signatures of Oracle's own Python SDK.

use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use serde_json::Value;

use super::super::key::PrivateKey;
use super::*;

const KEY: &str = include_str!("../../../../fixtures/oci/throwaway_pkcs8.pem");

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/oci/signing.json")).unwrap()
}

fn request(case: &Value) -> http::Request<Bytes> {
    let mut request =
        http::Request::builder().method(case["method"].as_str().unwrap()).uri(case["url"].as_str().unwrap());
    for (name, value) in case["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    if case["covers_body"] == false {
        request = request.extension(BodyUnsigned);
    }
    if case["name"] == "delegation_token_obo" {
        request = request.header(ON_BEHALF_OF, "delegation-token-value");
    }
    request.body(Bytes::from(case["body"].as_str().unwrap().to_owned())).unwrap()
}

/// Creates the draft of a case, dated 2014-01-05T21:31:40Z, which the documentation calls a Thursday, or
/// 2026-11-23T08:00:00Z.
fn draft(case: &Value, request: &mut http::Request<Bytes>) -> Draft {
    let is_documented = case["name"].as_str().unwrap().starts_with("documented");
    let date = if is_documented { 1_388_957_500 } else { 1_795_420_800 };
    let host = if case["name"] == "x509_federation_request" { Host::Unsigned } else { Host::Signed };
    Draft::new(request, SystemTime::UNIX_EPOCH + Duration::from_secs(date), host).unwrap()
}

fn key_id(authorization: &str) -> &str {
    authorization.split_once("keyId=\"").unwrap().1.split_once('"').unwrap().0
}

#[test]
fn requests_are_signed_as_oracle_signs_them() {
    let key = PrivateKey::from_pem(KEY, None).unwrap();
    let mut signatures = 0;
    for case in vectors()["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if name.starts_with("documented") {
            continue;
        }
        let mut wire = request(case);
        // A second signature replaces the first.
        for _ in 0..2 {
            let draft = draft(case, &mut wire);
            assert_eq!(draft.text, case["signing_string"].as_str().unwrap(), "{name}");
            let wanted = case["authorization"].as_str().unwrap();
            draft.signed(&mut wire, key_id(wanted), &key.sign(&draft.text).unwrap()).unwrap();
            assert_eq!(wire.headers()[AUTHORIZATION], wanted, "{name}");
        }
        assert!(wire.headers()[AUTHORIZATION].is_sensitive());
        signatures += 1;
    }
    assert_eq!(signatures, 11);
}

/// The documented key has 1,024 bits, too few to sign with; its signatures can still be verified.
#[test]
fn the_documented_signatures_are_of_what_is_signed_here() {
    let vectors = vectors();
    let public = STANDARD.decode(vectors["documented_public_key"].as_str().unwrap()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, public);
    for case in &vectors["cases"].as_array().unwrap()[..2] {
        let mut wire = request(case);
        // The documentation's day of the week is wrong.
        let draft = draft(case, &mut wire);
        let text = draft.text.replace("Sun, 05", "Thu, 05");
        assert_eq!(text, case["signing_string"].as_str().unwrap());
        let wanted = case["authorization"].as_str().unwrap();
        let signature = wanted.split_once("signature=\"").unwrap().1.split_once('"').unwrap().0;
        public.verify(text.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
        draft.signed(&mut wire, vectors["key_ids"]["documented"].as_str().unwrap(), signature).unwrap();
        assert_eq!(wire.headers()[AUTHORIZATION], wanted);
    }
}

#[test]
fn the_host_that_is_signed_is_the_host_that_is_sent() {
    for (url, host) in [
        ("http://LocalHost:8080/a?b='c'", "localhost:8080"),
        ("https://example.com:443/", "example.com"),
        ("http://[::1]:80/", "[::1]"),
        ("http://user@example.com/", "example.com"),
    ] {
        let mut wire = http::Request::get(url).body(Bytes::new()).unwrap();
        let draft = Draft::new(&mut wire, SystemTime::UNIX_EPOCH, Host::Signed).unwrap();
        assert_eq!(wire.headers()[HOST], host);
        assert!(draft.text.ends_with(&format!("\nhost: {host}")), "{}", draft.text);
        let sent = reqwest::Request::try_from(wire).unwrap();
        let target = format!("(request-target): {}\n", target(&Method::GET, sent.url()));
        assert!(draft.text.contains(&target), "{}: {target}", draft.text);
    }
    let mut named = http::Request::get("http://127.0.0.1/").header(HOST, "example.com");
    named.headers_mut().unwrap().insert("x-other", HeaderValue::from_static("1"));
    let draft =
        Draft::new(&mut named.body(Bytes::new()).unwrap(), SystemTime::UNIX_EPOCH, Host::Signed).unwrap();
    assert_eq!(draft.text, "date: Thu, 01 Jan 1970 00:00:00 GMT\n(request-target): get /\nhost: example.com");
}

#[test]
fn what_cannot_be_signed_says_why() {
    let draft = |request: http::request::Builder| {
        let mut request = request.body(Bytes::new()).unwrap();
        Draft::new(&mut request, SystemTime::UNIX_EPOCH, Host::Signed).map(|it| it.text).unwrap_err()
    };
    assert_eq!(draft(http::Request::get("/no/host")), Unsignable::Address);
    let odd = HeaderValue::from_bytes(b"\xff").unwrap();
    let odd = draft(http::Request::post("http://localhost/").header(CONTENT_TYPE, odd));
    assert_eq!(odd, Unsignable::Header(CONTENT_TYPE));
}

#[test]
fn a_prepared_hash_is_signed_as_it_was_left() {
    let cases = vectors();
    let mut cases = cases["cases"].as_array().unwrap().iter();
    let case = cases.find(|case| case["method"] == "POST" && case["covers_body"] != false).unwrap();
    let plain = draft(case, &mut request(case)).text;
    let mut prepared = request(case);
    BodyHash::prepare(&mut prepared);
    assert_eq!(draft(case, &mut prepared).text, plain);
    let body = prepared.body().clone();
    prepared.extensions_mut().insert(BodyHash { sha256: [7; 32], body });
    let sum = STANDARD.encode([7; 32]);
    assert!(draft(case, &mut prepared).text.contains(&format!("x-content-sha256: {sum}")));
    assert_eq!(prepared.headers()["x-content-sha256"], sum);
}
