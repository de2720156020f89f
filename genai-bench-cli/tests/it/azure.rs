//! Options of single providers: they reach the wire, are refused by other backends, and their secrets are not shown.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use genai_bench_backends::simulator::{Settings, Simulator};

use crate::command::{files, genai_bench, results, succeeded};

const TOKEN: &str = "entra-do-not-show-0123456789";
const VARIABLES: [&str; 20] = [
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_DEPLOYMENT",
    "AZURE_OPENAI_API_VERSION",
    "OPENAI_API_VERSION",
    "AZURE_AD_TOKEN",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_CREDENTIAL",
    "AZURE_OPENAI_SCOPE",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
];

fn benchmark(backend: &str) -> Command {
    benchmark_of(backend, 2)
}

/// Builds the command for a run of this number of requests against a server, without Azure's environment variables.
pub(crate) fn benchmark_of(backend: &str, requests: u32) -> Command {
    let mut command = genai_bench(&["benchmark", "--api-backend", backend, "--api-model-name", "m"]);
    VARIABLES.iter().for_each(|it| {
        command.env_remove(it);
    });
    command.args(["--max-requests-per-run", &requests.to_string(), "--num-concurrency", "1"]);
    command.args(["--traffic-scenario", "D(5,5)"]);
    command
}

/// Asserts that the command is refused with all of `hints`.
fn refused(command: &mut Command, hints: &[&str]) {
    let output = command.output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for hint in hints {
        assert!(errors.contains(hint), "'{hint}' is not in: {errors}");
    }
}

#[test]
fn an_option_of_another_backend_is_refused_by_name() {
    let hints = ["--azure-api-version", "vllm does not have it", "azure-openai"];
    refused(benchmark("vllm").args(["--azure-api-version", "2024-10-21"]), &hints);
    // What is set for other programs is no mistake: this one goes on, until no server is there.
    let address = ["--api-base", "http://127.0.0.1:1"];
    let command = &mut benchmark("vllm");
    refused(command.args(address).env("AZURE_OPENAI_API_VERSION", "1"), &["is the server running"]);
}

#[test]
fn an_address_has_to_be_given() {
    refused(&mut benchmark("azure-openai"), &["--azure-endpoint", "https://NAME.openai.azure.com"]);
    let command = &mut benchmark("azure-openai");
    refused(command.env("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:1"), &["http://127.0.0.1:1/openai/v1"]);
}

#[test]
fn options_reach_the_wire_and_a_token_is_in_no_file() {
    // The server requires the token and the path of the deployment.
    let settings = Settings {
        api_key: Some(TOKEN.into()),
        models: vec!["my-deploy".to_owned()],
        refuse_unknown_models: true,
        ..Settings::instant()
    };
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let simulator = Simulator::start(settings, anywhere).expect("a simulator");
    // Its paths are behind /v1, and an address that ends in a version is taken as it is.
    let address = format!("{}/v1", simulator.url());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = benchmark("azure-openai");
    command.arg("--experiment-base-dir").arg(folder.path()).args(["--experiment-folder-name", "e"]);
    command.args(["--api-base", &address, "--api-key", "not-the-token"]);
    command.args(["--azure-ad-token", TOKEN, "--azure-deployment", "my-deploy"]);
    let output = command.env("AZURE_OPENAI_DEPLOYMENT", "another").output().expect("the binary runs");
    let table = succeeded(&output);
    assert!(!table.contains(TOKEN) && !String::from_utf8_lossy(&output.stderr).contains(TOKEN));
    assert_eq!(results(folder.path())[0]["aggregated_metrics"]["num_completed_requests"], 2);
    let metadata =
        std::fs::read_to_string(folder.path().join("e/experiment_metadata.json")).expect("metadata");
    assert!(metadata.contains("--azure-ad-token *** --azure-deployment my-deploy"), "{metadata}");
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    assert_eq!(metadata["auth_config"]["auth_type"], "entra_token");
    let all = files(folder.path(), |_| true);
    assert!(all.len() >= 3, "{all:?}");
    for file in all {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        assert!(!text.contains(TOKEN), "{} holds the token", file.display());
    }
}
