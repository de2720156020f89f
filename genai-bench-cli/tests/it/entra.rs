//! Tokens of Entra ID from a managed identity's server and from `az`.
//!
//! Only these two need no TLS. The requests of the other sources are tested in the backends.

mod azure;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use self::azure::Azure;
use crate::azure::benchmark_of;
use crate::command::{files, journal, results, succeeded};

const LONG: Duration = Duration::from_secs(3600);
const KEY: &str = "not-the-token-0123456789";

/// Builds the command for a run of this number of requests against `azure`, on a machine with an identity there.
fn on_app_service(azure: &Azure, folder: &Path, credential: &str, requests: u32) -> Command {
    let mut command = benchmark_of("azure-openai", requests);
    command.args(["--experiment-base-dir", folder.to_str().expect("a plain name")]);
    command.args(["--experiment-folder-name", "e", "--azure-endpoint", &azure.address()]);
    command.args(["--azure-credential", credential]);
    command.env("IDENTITY_ENDPOINT", format!("{}/msi/token", azure.address())).env("IDENTITY_HEADER", "hdr");
    command
}

/// Builds the same command with a script as `az`.
fn with_az(azure: &Azure, folder: &Path, script: &str) -> Command {
    let az = folder.join("az");
    fs::write(&az, format!("#!/bin/sh\n{script}\n")).expect("a script");
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let mut command = on_app_service(azure, folder, "cli", 2);
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command
}

/// Asserts that the command failed, and returns its errors.
fn errors(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{errors}");
    errors
}

/// The request for a managed identity that Azure's Python library makes: its query, and its headers.
fn recorded() -> (String, Value) {
    let all = include_str!("../../../genai-bench-backends/fixtures/azure/entra.json");
    let all: Value = serde_json::from_str(all).expect("JSON");
    let cases = all["cases"].as_array().expect("cases");
    let case = cases.iter().find(|it| it["name"] == "managed_identity_app_service").expect("the case");
    let request = &case["requests"][0];
    let (_, query) = request["url"].as_str().expect("an address").split_once('?').expect("a query");
    (query.to_owned(), request["headers"].clone())
}

#[test]
fn managed_identity_requests_match_the_python_library() {
    let (azure, folder) = (Azure::start(LONG), tempfile::tempdir().expect("a temporary folder"));
    let mut command = on_app_service(&azure, folder.path(), "managed-identity", 2);
    let output = command.env("AZURE_CLIENT_ID", "uami-client").output().expect("the binary runs");
    let table = succeeded(&output);
    assert_eq!(results(folder.path())[0]["aggregated_metrics"]["num_completed_requests"], 2);
    let requests = azure.token_requests();
    assert_eq!(requests.len(), 1, "one token is enough for all");
    let (query, headers) = recorded();
    assert_eq!(requests[0].path, format!("/msi/token?{query}"));
    for (name, value) in headers.as_object().expect("headers") {
        assert_eq!(requests[0].header(name), value.as_str(), "{name}");
    }
    assert!(!table.contains(Azure::TOKEN) && !String::from_utf8_lossy(&output.stderr).contains(Azure::TOKEN));
    for file in files(folder.path(), |_| true) {
        let text = fs::read_to_string(&file).expect("a readable file");
        assert!(!text.contains(Azure::TOKEN), "{} holds the token", file.display());
    }
}

#[test]
fn a_token_that_ends_during_a_run_is_replaced_before_it_does() {
    // With ten seconds left it is not used any more: this one is good for some two.
    let (azure, folder) =
        (Azure::start(Duration::from_secs(12)), tempfile::tempdir().expect("a temporary folder"));
    let mut command = on_app_service(&azure, folder.path(), "managed-identity", 60);
    succeeded(&command.output().expect("the binary runs"));
    assert_eq!(results(folder.path())[0]["aggregated_metrics"]["num_completed_requests"], 60);
    assert!(azure.tokens_used() >= 2, "{} tokens", azure.tokens_used());
    assert_eq!(azure.refused(), 0, "no request came with a token that was dead");
    assert!(journal(folder.path()).len() >= 60);
}

#[test]
fn the_entra_chain_precedes_a_key_of_the_environment() {
    let (azure, folder) = (Azure::start(LONG), tempfile::tempdir().expect("a temporary folder"));
    let mut command = on_app_service(&azure, folder.path(), "chain", 2);
    succeeded(&command.env("AZURE_OPENAI_API_KEY", KEY).output().expect("the binary runs"));
    assert_eq!((azure.tokens_used(), azure.refused()), (1, 0));
}

#[test]
fn az_is_called_with_the_given_scope() {
    let (azure, folder) = (Azure::start(LONG), tempfile::tempdir().expect("a temporary folder"));
    let script = format!(
        r#"echo "$@" >> {}/asked
echo '{{"accessToken": "{}", "expires_on": 4102444800, "tokenType": "Bearer"}}'"#,
        folder.path().display(),
        azure.issue()
    );
    let mut command = with_az(&azure, folder.path(), &script);
    succeeded(&command.env("AZURE_OPENAI_SCOPE", "https://ai.azure.com/.default").output().expect("it runs"));
    let arguments = fs::read_to_string(folder.path().join("asked")).expect("az was run");
    assert_eq!(arguments, "account get-access-token -o json --scope https://ai.azure.com/.default\n");
    assert_eq!((azure.tokens_used(), azure.refused(), azure.token_requests().len()), (1, 0, 0));
}

#[test]
fn the_error_of_az_is_shown_without_a_login() {
    let (azure, folder) = (Azure::start(LONG), tempfile::tempdir().expect("a temporary folder"));
    let script = "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1";
    let errors = errors(&with_az(&azure, folder.path(), script).output().expect("the binary runs"));
    assert!(errors.contains("Azure CLI: ERROR: Please run 'az login' to setup account."), "{errors}");
}

#[test]
fn missing_credentials_are_listed_by_source() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut one = benchmark_of("azure-openai", 2);
    one.args(["--azure-endpoint", "https://127.0.0.1:1", "--azure-credential", "client-secret"]);
    let output = one.env("AZURE_CLIENT_ID", "c").env("AZURE_TENANT_ID", "t").output();
    let refused = errors(&output.expect("the binary runs"));
    assert!(refused.contains("--azure-credential: $AZURE_CLIENT_SECRET is not set"), "{refused}");
    // A key, a token and a header are not there, and the address has https.
    let mut none = benchmark_of("azure-openai", 2);
    none.args(["--azure-endpoint", "https://127.0.0.1:1", "--experiment-base-dir"]).arg(folder.path());
    // As in the Cloud Shell, whose identity Azure's library does not know; there is no `az` either.
    let output = none.env("MSI_ENDPOINT", "http://127.0.0.1:1").env("PATH", folder.path()).output();
    let listed = errors(&output.expect("the binary runs"));
    for hint in [
        "Entra client secret: $AZURE_TENANT_ID, $AZURE_CLIENT_ID and $AZURE_CLIENT_SECRET are not set",
        "Entra workload identity: $AZURE_TENANT_ID, $AZURE_CLIENT_ID and $AZURE_FEDERATED_TOKEN_FILE",
        "managed identity: CloudShell managed identity isn't supported",
        "Azure CLI: az not found on PATH",
        "--azure-credential none",
    ] {
        assert!(listed.contains(hint), "'{hint}' is not in: {listed}");
    }
}
