//! The built command with every provider that aimock emulates: each request is answered, and no credential is in the
//! printed output or the files.
//!
//! aimock is a test server for clients of these providers. It checks no signatures.

use serde_json::json;

use crate::aimock_server::AimockServer;
use crate::provider_run::ProviderRun;

const KEY: &str = "sk-do-not-show-aimock-0123456789";
const ACCESS_KEY: &str = "AKIADONOTSHOW0123456";

/// A backend in one setup, and its tasks.
struct Case {
    way: &'static str,
    backend: &'static str,
    /// The path behind the server's address.
    path: &'static str,
    /// Further options.
    said: &'static [&'static str],
    tasks: &'static [(&'static str, &'static str)],
}

impl Case {
    fn run_at(&self, server: &AimockServer) -> ProviderRun {
        ProviderRun::new(self.backend, &format!("{}{}", server.url, self.path)).with_options(self.said)
    }
}

const TEXT: (&str, &str) = ("text-to-text", "D(20,10)");
const PICTURE_CHAT: (&str, &str) = ("image-text-to-text", "I(64,64)");
const EMBEDDINGS: (&str, &str) = ("text-to-embeddings", "E(32)");
const IMAGE: (&str, &str) = ("text-to-image", "I(256,256)");
const SPEECH: (&str, &str) = ("text-to-speech", "A(60)");

const CASES: &[Case] = &[
    Case {
        way: "openai",
        backend: "openai",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT, EMBEDDINGS, IMAGE, SPEECH],
    },
    Case {
        way: "openai, responses",
        backend: "openai",
        path: "",
        said: &["--api-key", KEY, "--endpoint", "responses"],
        tasks: &[TEXT],
    },
    Case {
        way: "azure-openai, v1",
        backend: "azure-openai",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT],
    },
    Case {
        way: "azure-openai, deployment, Entra token",
        backend: "azure-openai",
        path: "",
        said: &["--azure-ad-token", KEY, "--azure-deployment", "d", "--azure-api-version", "2024-10-21"],
        tasks: &[TEXT, PICTURE_CHAT, EMBEDDINGS],
    },
    Case {
        way: "anthropic",
        backend: "anthropic",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT],
    },
    Case {
        way: "cohere",
        backend: "cohere",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT, EMBEDDINGS],
    },
    Case {
        way: "gcp-vertex, Gemini API",
        backend: "gcp-vertex",
        path: "/v1beta",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT],
    },
    Case {
        way: "gcp-vertex, project",
        backend: "gcp-vertex",
        path: "",
        said: &["--gcp-project-id", "my-project", "--gcp-access-token", KEY],
        tasks: &[TEXT, PICTURE_CHAT],
    },
    Case {
        way: "aws-bedrock, access key",
        backend: "aws-bedrock",
        path: "",
        said: &["--aws-access-key-id", ACCESS_KEY, "--aws-secret-access-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT],
    },
    Case {
        way: "aws-bedrock, API key",
        backend: "aws-bedrock",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT],
    },
    Case {
        way: "together",
        backend: "together",
        path: "",
        said: &["--api-key", KEY],
        tasks: &[TEXT, PICTURE_CHAT, EMBEDDINGS, IMAGE, SPEECH],
    },
    Case {
        way: "custom",
        backend: "custom",
        path: "",
        said: &["--api-key", KEY, "--custom-description", DESCRIPTION],
        tasks: &[TEXT],
    },
];

/// A description of OpenAI's chat completions for the custom backend.
const DESCRIPTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/custom_description.json");

#[test]
#[ignore = "needs tests/real/setup"]
fn every_provider_is_answered_without_showing_credentials() {
    let server = AimockServer::start();
    for case in CASES {
        for &(task, scenario) in case.tasks {
            let run = case.run_at(&server).task(task, scenario);
            let run = if task == EMBEDDINGS.0 { run.with_options(&["--batch-size", "2"]) } else { run }.run();
            run.answered_all();
            run.shows_none_of(&[KEY, ACCESS_KEY]);
            println!("{}: {task}: 20 done, 0 failed", case.way);
        }
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn temporary_refusals_are_counted_by_kind_or_retried() {
    let refusing = AimockServer::with(&["--chaos-ratelimit", "1"]);
    // It draws lots: that it lets in twenty requests at once, or refuses one twenty times, happens to nobody.
    let half_refusing = AimockServer::with(&["--chaos-ratelimit", "0.5"]);
    // One of each format of errors.
    let ways = ["openai", "anthropic", "cohere", "gcp-vertex, project", "aws-bedrock, access key"];
    for case in CASES.iter().filter(|it| ways.contains(&it.way)) {
        let run_at = |server: &AimockServer| {
            case.run_at(server).with_options(&["--skip-preflight"]).task(TEXT.0, TEXT.1)
        };
        let once = run_at(&refusing).run_unanswered();
        assert_eq!(once.value("failures"), &json!({"rate_limited": 20}), "{}", case.way);
        once.shows_none_of(&[KEY, ACCESS_KEY]);
        let again = run_at(&half_refusing).with_options(&["--retry", "20"]).run();
        again.answered_all();
        assert!(again.value("num_retries").as_u64().is_some_and(|it| it > 0), "{}", case.way);
        again.shows_none_of(&[KEY, ACCESS_KEY]);
    }
}
