//! The four backends of OCI, each task by one command, with a key of Generative AI's own. The server stands in for the
//! service, which nobody has here: it answers with bodies that the OCI Python SDK was shown to read.

use std::process::Command;

use serde_json::json;

use crate::command::{files, genai_bench, results, succeeded};
use crate::one_answer::{ReceivedRequest, Server};

const KEY: &str = "sk-oci-do-not-show-0123456789";
const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";
/// The environment variables that change the address or the credentials.
const VARIABLES: [&str; 5] =
    ["OCI_GENAI_API_KEY", "OCI_COMPARTMENT_ID", "OCI_CLI_COMPARTMENT_ID", "OCI_REGION", "OCI_CLI_REGION"];

fn benchmark(backend: &str, base: &str) -> Command {
    let mut command = genai_bench(&["benchmark", "--api-backend", backend, "--api-model-name", "a.model"]);
    VARIABLES.iter().for_each(|it| {
        command.env_remove(it);
    });
    command.args(["--api-base", base, "--max-requests-per-run", "20", "--num-concurrency", "2"]);
    command
}

/// The expected requests and metrics of a task.
struct ExpectedTask {
    task: &'static str,
    scenario: &'static str,
    path: &'static str,
    answer: (&'static str, &'static [u8]),
    /// A metric of every request, and its value.
    metric: (&'static str, u64),
}

/// Runs a task with more options, asserts that all of its requests were answered and that the key is in no file and no
/// message, and returns the requests.
fn answered(backend: &str, expected: &ExpectedTask, extra: &[&str]) -> Vec<ReceivedRequest> {
    let server = Server::start(KEY, expected.answer.0, expected.answer.1);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = benchmark(backend, &format!("http://{}", server.address));
    command.arg("--experiment-base-dir").arg(folder.path()).args(["--experiment-folder-name", "e"]);
    command
        .args(["--task", expected.task, "--traffic-scenario", expected.scenario, "--api-key", KEY])
        .args(extra);
    let output = command.output().expect("the binary runs");
    let table = succeeded(&output);
    assert!(!table.contains(KEY) && !String::from_utf8_lossy(&output.stderr).contains(KEY));
    let result = &results(folder.path())[0];
    let run = &result["aggregated_metrics"];
    assert_eq!((&run["num_completed_requests"], &run["num_error_requests"]), (&20.into(), &0.into()));
    for row in result["individual_request_metrics"].as_array().expect("rows") {
        assert_eq!(row[expected.metric.0], expected.metric.1, "{row}");
    }
    for file in files(folder.path(), |_| true) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        assert!(!text.contains(KEY), "{} holds the key", file.display());
    }
    let received = server.received();
    assert!(received.len() >= 20 && received.iter().all(|it| it.path == expected.path), "{}", received.len());
    received
}

const IN_COMPARTMENT: [&str; 2] = ["--oci-compartment-id", "ocid1.compartment.oc1..c"];

fn chat(body: &'static [u8], tokens: u64) -> ExpectedTask {
    ExpectedTask {
        task: "text-to-text",
        scenario: "D(5,5)",
        path: "/20231130/actions/chat",
        answer: (EVENTS, body),
        metric: ("num_output_tokens", tokens),
    }
}

/// Asserts that every request is in the format, for the model of this name.
fn of_format(received: &[ReceivedRequest], format: &str) {
    for ReceivedRequest { body, .. } in received {
        assert_eq!(body["compartmentId"], "ocid1.compartment.oc1..c");
        let on_demand = json!({"servingType": "ON_DEMAND", "modelId": "a.model"});
        assert_eq!(body["servingMode"], on_demand);
        assert_eq!(
            (&body["chatRequest"]["apiFormat"], &body["chatRequest"]["maxTokens"]),
            (&format.into(), &5.into())
        );
    }
}

#[test]
fn conversations_in_every_format() {
    let cohere = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/cohere.sse"), 2);
    of_format(&answered("oci-cohere", &cohere, &IN_COMPARTMENT), "COHERE");
    let cohere_v2 = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/cohere_v2.sse"), 5);
    of_format(&answered("oci-cohere-v2", &cohere_v2, &IN_COMPARTMENT), "COHEREV2");
    let generic = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/generic.sse"), 8);
    of_format(&answered("oci-genai", &generic, &IN_COMPARTMENT), "GENERIC");
}

#[test]
fn options_of_the_python_tool_for_the_service_are_accepted() {
    let generic = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/generic.sse"), 8);
    let params = r#"{"compartmentId": "c", "servingType": "DEDICATED", "endpointId": "e", "top_k": 1}"#;
    for ReceivedRequest { body, .. } in
        answered("oci-genai", &generic, &["--additional-request-params", params])
    {
        assert_eq!((&body["compartmentId"], &body["servingMode"]["endpointId"]), (&"c".into(), &"e".into()));
        assert_eq!(body["chatRequest"]["topK"], 1);
        assert_eq!(
            (body["chatRequest"].get("endpointId"), body.as_object().map(serde_json::Map::len)),
            (None, Some(3))
        );
    }
}

#[test]
fn pictures_to_look_at() {
    let cohere_v2 = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/cohere_v2.sse"), 5);
    let generic = chat(include_bytes!("../../../genai-bench-backends/fixtures/oci/generic.sse"), 8);
    for (backend, kind, expected) in
        [("oci-cohere-v2", "IMAGE_URL", cohere_v2), ("oci-genai", "IMAGE", generic)]
    {
        let expected = ExpectedTask { task: "image-text-to-text", scenario: "I(64,48)/(5,5)", ..expected };
        let extra = [&IN_COMPARTMENT[..], &["--distinct-media", "2"]].concat();
        for ReceivedRequest { body, .. } in answered(backend, &expected, &extra) {
            let shown = &body["chatRequest"]["messages"][0]["content"][1];
            let url = shown["imageUrl"]["url"].as_str().expect("a URL");
            assert!(shown["type"] == kind && url.starts_with("data:image/"), "{kind}");
        }
    }
}

#[test]
fn embeddings_and_rankings() {
    let embed = ExpectedTask {
        task: "text-to-embeddings",
        scenario: "E(30)",
        path: "/20231130/actions/embedText",
        answer: (JSON, include_bytes!("../../../genai-bench-backends/fixtures/oci/embed.json")),
        metric: ("num_items", 2),
    };
    let endpoint = ["--oci-endpoint-id", "ocid1.generativeaiendpoint.oc1..e"];
    // The first request is about one text, and this server has no answer to that.
    let two = ["--batch-size", "2", "--skip-preflight"];
    let extra = [&IN_COMPARTMENT[..], &two, &endpoint].concat();
    for ReceivedRequest { body, .. } in answered("oci-cohere", &embed, &extra) {
        assert_eq!(
            (&body["inputType"], &body["servingMode"]["servingType"]),
            (&"SEARCH_DOCUMENT".into(), &"DEDICATED".into())
        );
        assert_eq!(body["inputs"].as_array().map(Vec::len), Some(2));
    }
    let picture = ExpectedTask {
        task: "image-to-embeddings",
        scenario: "I(64,48)",
        answer: (JSON, include_bytes!("../../../genai-bench-backends/fixtures/oci/embed_types.json")),
        metric: ("num_items", 1),
        ..embed
    };
    let extra = [&IN_COMPARTMENT[..], &["--distinct-media", "2"]].concat();
    assert!(answered("oci-cohere", &picture, &extra).iter().all(|it| it.body["inputType"] == "IMAGE"));
    let rerank = ExpectedTask {
        task: "text-to-rerank",
        scenario: "R(30,10)",
        path: "/20231130/actions/rerankText",
        answer: (
            JSON,
            include_bytes!("../../../genai-bench-backends/fixtures/oci/rerank_with_documents.json"),
        ),
        metric: ("num_items", 2),
    };
    let extra = [&IN_COMPARTMENT[..], &two].concat();
    let received = answered("oci-cohere", &rerank, &extra);
    assert!(received.iter().all(|it| it.body["documents"].as_array().map(Vec::len) == Some(2)));
}

#[test]
fn the_compatible_api_by_each_of_its_tasks() {
    let chat = ExpectedTask {
        path: "/20231130/actions/v1/chat/completions",
        ..chat(include_bytes!("../../../genai-bench-backends/fixtures/openai/chat.sse"), 12)
    };
    let responses = ExpectedTask {
        metric: ("num_output_tokens", 20),
        path: "/20231130/actions/v1/responses",
        answer: (EVENTS, include_bytes!("../../../genai-bench-backends/fixtures/openai/responses.sse")),
        ..chat
    };
    let images = ExpectedTask {
        task: "text-to-image",
        scenario: "I(64,64)",
        path: "/20231130/actions/v1/images/generations",
        answer: (JSON, include_bytes!("../../../genai-bench-backends/fixtures/openai/images.json")),
        metric: ("num_items", 1),
    };
    let speech = ExpectedTask {
        task: "text-to-speech",
        scenario: "A(30)",
        path: "/20231130/actions/v1/audio/speech",
        answer: ("audio/mpeg", include_bytes!("../../../genai-bench-backends/fixtures/openai/speech.mp3")),
        metric: ("num_audio_bytes", 22),
    };
    for (expected, extra) in
        [(chat, &[][..]), (responses, &["--endpoint", "responses"]), (images, &[]), (speech, &[])]
    {
        let received = answered("oci-openai", &expected, &[&IN_COMPARTMENT[..], extra].concat());
        for name in ["opc-compartment-id", "compartmentid"] {
            assert!(
                received.iter().all(|it| it.header(name) == Some(IN_COMPARTMENT[1])),
                "{}",
                expected.path
            );
        }
    }
}

#[test]
fn missing_options_are_named() {
    let refused = |command: &mut Command, hint: &str| {
        let output = command.output().expect("the binary runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && errors.contains(hint), "{hint}: {errors}");
        assert!(!errors.contains(KEY), "{errors}");
    };
    let mut alone = benchmark("oci-genai", "http://127.0.0.1:1");
    refused(alone.args(["--api-key", KEY]), "--oci-compartment-id");
    let mut named = benchmark("oci-openai", "http://127.0.0.1:1");
    named.env("OCI_GENAI_API_KEY", KEY).env("OCI_COMPARTMENT_ID", "c");
    refused(&mut named, "http://127.0.0.1:1/20231130/actions/v1");
    let mut other = benchmark("oci-openai", "http://127.0.0.1:1");
    refused(other.args(["--oci-endpoint-id", "e"]), "oci-openai does not have it");
    let server = Server::start("another", JSON, b"{}");
    let mut unknown = benchmark("oci-genai", &format!("http://{}", server.address));
    refused(unknown.args(IN_COMPARTMENT).args(["--api-key", KEY]), "who are you?");
}
