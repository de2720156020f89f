//! The laws of `genai_bench_core::conformance`, checked for every registered backend and auth provider.

use std::sync::Arc;

use genai_bench_backends::auth::{ApiKey, FixedHeaders, Google, GoogleFile, Secret, SigV4};
use genai_bench_backends::entry::Settings;
use genai_bench_backends::oci::auth as oci;
use genai_bench_backends::registry::ENTRIES;
use genai_bench_core::auth::AuthProvider;
use genai_bench_core::conformance::{AUTH_LAWS, AuthSubject, LAWS, Law, Subject};
use http::header::{HeaderName, HeaderValue};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let trials = backend_trials().into_iter().chain(auth_trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn backend_trials() -> Vec<Trial> {
    let subjects = ENTRIES.iter().flat_map(|entry| {
        (entry.subjects)().into_iter().map(move |(way, subject)| (entry.name, way, subject))
    });
    let pairs = subjects.flat_map(|subject| LAWS.iter().map(move |law| (subject.clone(), law)));
    let trial = |((name, way, subject), law): ((&str, &str, Subject), &'static Law)| {
        let name = if way.is_empty() { name.to_owned() } else { format!("{name} {way}") };
        let applies = law.applies_to(&subject);
        let check = move || (law.check)(&subject).map_err(Into::into);
        Trial::test(format!("{name}::{}", law.name), check).with_ignored_flag(!applies)
    };
    pairs.map(trial).collect()
}

fn auth_trials() -> Vec<Trial> {
    let subjects = || {
        let key = ApiKey::bearer(&Secret::from("sk-secret-123")).expect("a plain key is a header");
        let header = (HeaderName::from_static("x-key"), HeaderValue::from_static("Key sk-secret-123"));
        let in_header = ApiKey::in_header(HeaderName::from_static("api-key"), &Secret::from("sk-secret-123"));
        let in_header = in_header.expect("a plain key is a header");
        let headers = FixedHeaders::new(vec![header]);
        let secrets = vec!["sk-secret-123"];
        let keys = ["AKIASECRET", "sk-secret-123", "session-456"];
        let [id, secret, token] = keys;
        let signer =
            SigV4::with_keys(&id.into(), &secret.into(), Some(&token.into()), "us-east-1", "bedrock");
        [
            AuthSubject { name: "api_key", provider: Arc::new(key), secrets: secrets.clone() },
            AuthSubject {
                name: "api_key_in_header",
                provider: Arc::new(in_header),
                secrets: secrets.clone(),
            },
            AuthSubject { name: "fixed_headers", provider: Arc::new(headers), secrets },
            google(),
            AuthSubject { name: "sigv4", provider: Arc::new(signer), secrets: keys.to_vec() },
            AuthSubject { name: "oci", provider: oci_resource(), secrets: vec![OCI_TOKEN, "MIIEvg"] },
        ]
    };
    let pairs =
        subjects().into_iter().flat_map(|subject| AUTH_LAWS.iter().map(move |law| (subject.clone(), law)));
    let trial = |(subject, (name, check)): (AuthSubject, &'static genai_bench_core::conformance::AuthLaw)| {
        Trial::test(format!("{}::{name}", subject.name), move || check(&subject).map_err(Into::into))
    };
    pairs.map(trial).collect()
}

/// A token with the payload `{"exp": 4102444800}`.
const OCI_TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln";

/// Returns a resource principal of OCI, which needs no network.
fn oci_resource() -> Arc<dyn AuthProvider> {
    let key = include_str!("../genai-bench-backends/fixtures/oci/throwaway_pkcs8.pem");
    let variables = [
        ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2"),
        ("OCI_RESOURCE_PRINCIPAL_RPST", OCI_TOKEN),
        ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", key),
    ];
    let settings = Settings { environment: variables.into_iter().collect(), ..Settings::default() };
    oci::access(&settings).expect("a token and a key are enough").auth
}

/// Returns a Google service account, which signs its own tokens. The beginning of a token must not be shown either.
fn google() -> AuthSubject {
    let flows = include_str!("../genai-bench-backends/fixtures/google/flows.json");
    let flows: serde_json::Value = serde_json::from_str(flows).expect("the fixture is JSON");
    let [label, body] = ["pem_label", "pem_body"]
        .map(|part| flows["private_key_pem"][part].as_str().expect("the fixture has a key"));
    let key = serde_json::json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "1",
        "private_key": format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"),
        "client_email": "bench@p.iam.gserviceaccount.com",
    });
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("key.json");
    std::fs::write(&path, key.to_string()).expect("a file can be written");
    let file = GoogleFile::read(path).expect("the file has all that it needs");
    let secrets = vec!["MIIEvgIBADANBgkqhkiG9w0B", "eyJ"];
    AuthSubject { name: "google", provider: Arc::new(Google::from_file(file)), secrets }
}
