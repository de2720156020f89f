//! Tasks of providers without an emulator, one command each, against a server that gives the recorded answer to requests
//! with the credential.

use crate::command::{files, genai_bench, results, succeeded};
use crate::one_answer::Server;

const KEY: &str = "sk-tasks-do-not-show-0123456789";
const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../genai-bench-backends/fixtures/", $name))
    };
}

/// A backend, and a task of it.
struct Case {
    backend: &'static str,
    model: &'static str,
    said: &'static [&'static str],
    task: &'static str,
    scenario: &'static str,
    /// The path of every request.
    path: &'static str,
    kind: &'static str,
    answer: &'static [u8],
    /// A metric of every request, and its value.
    metric: (&'static str, u64),
}

const IMAGE: &str = "text-to-image";
const RERANK: &str = "text-to-rerank";
const SPEECH: &str = "text-to-speech";
const EMBEDDINGS: &str = "text-to-embeddings";
const OF_PICTURES: &str = "image-to-embeddings";
const TEXT: &str = "text-to-text";

const AZURE: Case = Case {
    backend: "azure-openai",
    model: "m",
    said: &["--api-key", KEY],
    task: IMAGE,
    scenario: "I(1024,1024)",
    path: "/openai/v1/images/generations",
    kind: JSON,
    answer: fixture!("openai/images.json"),
    metric: ("num_items", 1),
};
const AWS: Case = Case {
    backend: "aws-bedrock",
    said: &["--aws-access-key-id", KEY, "--aws-secret-access-key", "aws-secret-do-not-show"],
    ..AZURE
};
const VERTEX: Case = Case {
    backend: "gcp-vertex",
    said: &["--gcp-project-id", "p", "--gcp-location", "global", "--gcp-access-token", KEY],
    ..AZURE
};
const GEMINI: Case = Case { backend: "gcp-vertex", ..AZURE };
const COHERE: Case = Case { backend: "cohere", ..AZURE };

const CASES: &[Case] = &[
    AZURE,
    Case {
        task: SPEECH,
        scenario: "A(30)",
        path: "/openai/v1/audio/speech",
        kind: "audio/mpeg",
        answer: fixture!("openai/speech.mp3"),
        metric: ("num_audio_bytes", 22),
        ..AZURE
    },
    Case {
        model: "amazon.titan-image-generator-v2:0",
        scenario: "I(512,512,2)",
        path: "/model/amazon.titan-image-generator-v2%3A0/invoke",
        answer: fixture!("bedrock/titan_images.json"),
        metric: ("num_items", 2),
        ..AWS
    },
    Case {
        model: "stability.stable-image-core-v1:1",
        path: "/model/stability.stable-image-core-v1%3A1/invoke",
        answer: fixture!("bedrock/stability_images.json"),
        ..AWS
    },
    Case {
        model: "cohere.rerank-v3-5:0",
        task: RERANK,
        scenario: "R(30,10)",
        path: "/model/cohere.rerank-v3-5%3A0/invoke",
        answer: fixture!("bedrock/rerank.json"),
        metric: ("num_items", 2),
        ..AWS
    },
    Case {
        model: "amazon.titan-embed-image-v1",
        task: OF_PICTURES,
        scenario: "I(64,64)",
        path: "/model/amazon.titan-embed-image-v1/invoke",
        answer: fixture!("bedrock/titan_image_embedding.json"),
        ..AWS
    },
    Case {
        model: "claude-x",
        task: TEXT,
        scenario: "D(20,64)",
        path: "/v1/projects/p/locations/global/publishers/anthropic/models/claude-x:streamRawPredict",
        kind: EVENTS,
        answer: fixture!("anthropic/messages.sse"),
        metric: ("num_output_tokens", 15),
        ..VERTEX
    },
    Case {
        model: "meta/llama-x",
        task: TEXT,
        scenario: "D(20,26)",
        path: "/v1/projects/p/locations/global/endpoints/openapi/chat/completions",
        kind: EVENTS,
        answer: fixture!("vertex/chat_completions.sse"),
        metric: ("num_output_tokens", 26),
        ..VERTEX
    },
    Case {
        model: "text-embedding-005",
        task: EMBEDDINGS,
        scenario: "E(20)",
        path: "/v1/projects/p/locations/global/publishers/google/models/text-embedding-005:predict",
        answer: fixture!("vertex/predict.json"),
        metric: ("num_items", 2),
        ..VERTEX
    },
    Case {
        model: "gemini-embedding-001",
        task: EMBEDDINGS,
        scenario: "E(20)",
        path: "/v1/models/gemini-embedding-001:batchEmbedContents",
        answer: fixture!("vertex/batch_embed_contents.json"),
        metric: ("num_items", 2),
        ..GEMINI
    },
    Case {
        model: "gemini-image",
        path: "/v1/projects/p/locations/global/publishers/google/models/gemini-image:generateContent",
        answer: fixture!("vertex/image.json"),
        ..VERTEX
    },
    Case {
        model: "imagen-x",
        scenario: "I(1024,1024,2)",
        path: "/v1/projects/p/locations/global/publishers/google/models/imagen-x:predict",
        answer: fixture!("vertex/imagen.json"),
        metric: ("num_items", 2),
        ..VERTEX
    },
    Case {
        model: "gemini-tts",
        task: SPEECH,
        scenario: "A(30)",
        path: "/v1/projects/p/locations/global/publishers/google/models/gemini-tts:streamGenerateContent",
        kind: EVENTS,
        answer: fixture!("vertex/speech.sse"),
        metric: ("num_audio_bytes", 14),
        ..VERTEX
    },
    Case {
        task: RERANK,
        scenario: "R(30,10)",
        path: "/v2/rerank",
        answer: fixture!("cohere/rerank.json"),
        metric: ("num_items", 2),
        ..COHERE
    },
    Case {
        task: OF_PICTURES,
        scenario: "I(64,64)",
        path: "/v2/embed",
        answer: fixture!("cohere/embed_image.json"),
        ..COHERE
    },
    Case {
        backend: "together",
        task: RERANK,
        scenario: "R(30,10)",
        path: "/v1/rerank",
        answer: fixture!("together/rerank.json"),
        ..AZURE
    },
];

#[test]
fn each_task_runs_and_shows_no_credential() {
    for case in CASES {
        let server = Server::start(KEY, case.kind, case.answer);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = format!("http://{}", server.address);
        let mut command = genai_bench(&["benchmark", "--api-backend", case.backend, "--api-base", &address]);
        command.env_clear().args(["--api-model-name", case.model]).args(case.said);
        command.args(["--task", case.task, "--traffic-scenario", case.scenario, "--skip-preflight"]);
        command.args(["--max-requests-per-run", "20", "--num-concurrency", "2"]);
        if [EMBEDDINGS, RERANK].contains(&case.task) {
            command.args(["--batch-size", &case.metric.1.to_string()]);
        }
        command.arg("--experiment-base-dir").arg(folder.path()).args(["--experiment-folder-name", "e"]);
        let output = command.output().expect("the binary runs");
        let mut texts = vec![succeeded(&output), String::from_utf8_lossy(&output.stderr).into_owned()];
        let result = &results(folder.path())[0];
        let run = &result["aggregated_metrics"];
        let counts = (&run["num_completed_requests"], &run["num_error_requests"]);
        assert_eq!(counts, (&20.into(), &0.into()), "{} {}: {run}", case.backend, case.task);
        for row in result["individual_request_metrics"].as_array().expect("rows") {
            assert_eq!(row[case.metric.0], case.metric.1, "{} {}: {row}", case.backend, case.task);
        }
        for received in server.received() {
            let path = received.path.split('?').next().unwrap_or_default();
            assert_eq!(path, case.path, "{} {}", case.backend, case.task);
        }
        let read = |it: &std::path::PathBuf| std::fs::read_to_string(it).expect("a readable file");
        texts.extend(files(folder.path(), |_| true).iter().map(read));
        let seen = |it: &&String| it.contains(KEY) || it.contains("aws-secret-do-not-show");
        assert!(!texts.iter().any(|it| seen(&it)), "{} {}", case.backend, case.task);
    }
}
