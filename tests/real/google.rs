//! Vertex AI with each kind of Google credentials: emulators that check them with Google's own library accept every
//! request, and short-lived tokens are renewed during a run.

use std::path::Path;

use serde_json::Value;

use crate::command::Benchmark;
use crate::experiment::Experiment;
use crate::google_server::GoogleServer;

const REQUESTS: u64 = 6;
/// The lifetime of a Google token, in seconds.
const HOUR: u32 = 3600;

fn benchmark(server: &GoogleServer, requests: u64) -> Benchmark {
    Benchmark::without_a_key("gcp-vertex", &server.url)
        .with("--traffic-scenario", "D(20,8)")
        .with("--num-concurrency", "4")
        .with("--max-requests-per-run", &requests.to_string())
}

fn by_file(server: &GoogleServer, requests: u64, name: &str) -> Benchmark {
    let file = server.file(&format!("{name}.json"));
    let benchmark = benchmark(server, requests).hiding(secrets(&file));
    benchmark.with("--gcp-credentials-path", file.to_str().expect("a plain path"))
}

/// Returns the secrets in a credentials file at any depth.
fn secrets(file: &Path) -> Vec<String> {
    fn gather(value: &Value, found: &mut Vec<String>) {
        const NAMES: [&str; 3] = ["private_key", "refresh_token", "client_secret"];
        for (name, value) in value.as_object().into_iter().flatten() {
            gather(value, found);
            let text = value.as_str().filter(|_| NAMES.contains(&name.as_str())).unwrap_or_default();
            found.extend(text.lines().filter(|it| !it.starts_with("--")).map(str::to_owned));
        }
    }
    let text = std::fs::read_to_string(file).expect("the server has written it");
    let mut found = vec!["exampleSecretKey/exampleSecretKey+example0".to_owned()];
    gather(&serde_json::from_str(&text).expect("it is JSON"), &mut found);
    found.retain(|it| !it.is_empty());
    found
}

/// Asserts that every request of `experiment` was accepted, and returns the number of tokens in use.
fn assert_let_in(server: &GoogleServer, experiment: &Experiment, requests: u64, what: &str) -> usize {
    let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
    assert_eq!(run.value("num_completed_requests"), requests, "{what}");
    assert_eq!(run.value("num_error_requests"), 0, "{what}");
    let report = server.report();
    assert!(report.refused().is_empty(), "{what}: {:?}", report.refused());
    // The first request, which asks whether the server is there, is no part of the run.
    assert!(report.admitted() >= requests, "{what}: {report:?}");
    report.tokens()
}

#[test]
#[ignore = "needs tests/real/setup"]
fn every_kind_of_credentials_is_let_in() {
    for name in [
        "service_account",
        "user",
        "federated_file",
        "federated_url",
        "federated_executable",
        "federated_aws",
        "federated_impersonated",
        "impersonated_by_account",
        "impersonated_by_user",
    ] {
        let server = GoogleServer::start(HOUR, 0.0);
        let mut benchmark = by_file(&server, REQUESTS, name);
        if name.starts_with("federated") {
            // Such a file may name none.
            benchmark = benchmark.set("GOOGLE_CLOUD_PROJECT", "demo-project");
        }
        if name.starts_with("impersonated") {
            benchmark = benchmark.with("--gcp-project-id", "demo-project");
        }
        let experiment = benchmark
            .set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")
            .set("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12")
            .set("AWS_SECRET_ACCESS_KEY", "exampleSecretKey/exampleSecretKey+example0")
            .set("AWS_SESSION_TOKEN", "SESSION")
            .set("AWS_REGION", "us-east-2")
            .run();
        assert_eq!(assert_let_in(&server, &experiment, REQUESTS, name), 1, "{name}: one token is enough");
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_metadata_server_and_gclouds_login_are_found() {
    let server = GoogleServer::start(HOUR, 0.0);
    let experiment = benchmark(&server, REQUESTS)
        .with("--gcp-project-id", "demo-project")
        .set("GCE_METADATA_HOST", server.host())
        .run();
    assert_let_in(&server, &experiment, REQUESTS, "metadata server");
    let server = GoogleServer::start(HOUR, 0.0);
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let gcloud = home.path().join(".config/gcloud");
    std::fs::create_dir_all(&gcloud).expect("folders can be made");
    let login = gcloud.join("application_default_credentials.json");
    std::fs::copy(server.file("user.json"), login).expect("a file can be copied");
    let experiment = benchmark(&server, REQUESTS).set("HOME", home.path()).run();
    assert_let_in(&server, &experiment, REQUESTS, "gcloud");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn short_lived_tokens_are_renewed_before_they_expire() {
    // A hundred times a quarter of a second, by four.
    let (life, delay, requests) = (15, 0.25, 400);
    for name in ["user", "federated_impersonated"] {
        let server = GoogleServer::start(life, delay);
        let experiment = by_file(&server, requests, name).set("GOOGLE_CLOUD_PROJECT", "demo-project").run();
        let tokens = assert_let_in(&server, &experiment, requests, name);
        assert!(tokens >= 3, "{name}: {tokens} tokens in a run that needs several");
    }
}
