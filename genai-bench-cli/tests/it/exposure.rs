//! Destinations of credentials: warnings, refusals, and keys that stay out of the list of processes.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use genai_bench_backends::simulator::{Settings, Simulator};

use crate::command::{genai_bench, simulated, succeeded};

const KEY: &str = "sk-do-not-show-0123456789";
/// An address of a private network, to which no request is sent.
const PRIVATE: &str = "http://10.0.0.1:8000";

fn guarded() -> Simulator {
    let settings = Settings { api_key: Some(KEY.into()), ..Settings::instant() };
    Simulator::start(settings, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a simulator")
}

fn check(backend: &str, base: &str, extra: &[&str]) -> Command {
    let mut command = genai_bench(&["auth", "check", "--api-backend", backend, "--api-base", base]);
    command.args(extra);
    command
}

fn errors(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains(KEY), "{errors}");
    errors
}

fn notes(command: &mut Command) -> String {
    let output = command.output().expect("the binary runs");
    succeeded(&output);
    errors(&output)
}

#[test]
fn a_key_that_is_sent_to_another_host_is_named() {
    let named = notes(check("openai", "https://example.org", &[]).env("OPENAI_API_KEY", KEY));
    assert_eq!(named, "note: the key of $OPENAI_API_KEY goes to example.org, which is no host of OpenAI\n");
    assert_eq!(notes(check("openai", "https://api.openai.com", &[]).env("OPENAI_API_KEY", KEY)), "");
    assert_eq!(notes(check("openai", "https://example.org", &[]).env("MODEL_API_KEY", KEY)), "");
}

#[test]
fn a_key_over_plain_http_to_another_machine_is_warned_of() {
    let warned = notes(check("vllm", PRIVATE, &["--api-key", KEY]).env("HOME", "/nowhere"));
    let text =
        "note: the key of --api-key goes to 10.0.0.1:8000 over plain http: everyone on the way can read it\n";
    assert_eq!(warned, text);
    let header = format!("Authorization: Bearer {KEY}");
    let warned = notes(&mut check("vllm", PRIVATE, &["--header", &header]));
    assert!(warned.contains("the header authorization goes to 10.0.0.1:8000 over plain http"), "{warned}");
    assert_eq!(notes(&mut check("vllm", PRIVATE, &[])), "");
    assert_eq!(notes(&mut check("vllm", "http://localhost:8000", &["--api-key", KEY])), "");
}

#[test]
fn a_benchmark_names_the_host_of_a_key_once_and_before_requests() {
    let (server, folder) = (guarded(), tempfile::tempdir().expect("a temporary folder"));
    let mut command = simulated(folder.path(), &["--api-base", &server.url(), "--num-concurrency", "1"]);
    command.args(["--api-backend", "openai", "--api-model-name", "m", "--traffic-scenario", "D(5,5)"]);
    let printed = notes(command.env("OPENAI_API_KEY", KEY));
    let text =
        format!("note: the key of $OPENAI_API_KEY goes to {}, which is no host of OpenAI", server.address());
    assert_eq!(printed.matches(&text).count(), 1, "{printed}");
    assert!(printed.find(&text) < printed.find("/v1/chat/completions"), "{printed}");
}

/// A backend, its options, the variables that are set, and the credential that is named.
type Case<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn credentials_of_clouds_are_refused_over_plain_http() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let keys = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", KEY), ("AWS_SESSION_TOKEN", KEY)];
    let cases: [Case<'_>; 5] = [
        ("aws-bedrock", &[], &keys, "$AWS_SECRET_ACCESS_KEY"),
        ("aws-bedrock", &[], &[("AWS_BEARER_TOKEN_BEDROCK", KEY)], "$AWS_BEARER_TOKEN_BEDROCK"),
        ("gcp-vertex", &["--gcp-project-id", "p"], &[], "this machine for Google"),
        ("gcp-vertex", &["--gcp-project-id", "p"], &[("GCP_ACCESS_TOKEN", KEY)], "$GCP_ACCESS_TOKEN"),
        ("azure-openai", &["--azure-credential", "managed-identity"], &[], "this machine for Azure"),
    ];
    for (backend, extra, variables, subject) in cases {
        let mut command = check(backend, PRIVATE, extra);
        command.env_clear().env("HOME", home.path()).envs(variables.iter().copied());
        let output = command.output().expect("the binary runs");
        let printed = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{backend} {printed}");
        for hint in ["--api-base", subject, "10.0.0.1:8000", "plain http", "https", "--allow-insecure"] {
            assert!(printed.contains(hint), "'{hint}' is not in: {printed}");
        }
    }
    let mut allowed = check("aws-bedrock", PRIVATE, &["--allow-insecure"]);
    let printed = notes(allowed.env_clear().env("HOME", home.path()).envs(keys));
    assert!(
        printed.contains("$AWS_SECRET_ACCESS_KEY goes to 10.0.0.1:8000, which is no host of AWS, over"),
        "{printed}"
    );
}

#[test]
fn a_key_in_a_file_is_used_and_only_its_path_is_recorded() {
    let (server, folder) = (guarded(), tempfile::tempdir().expect("a temporary folder"));
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).expect("a file");
    let path = file.to_str().expect("a plain name");
    let mut command = simulated(folder.path(), &["--api-base", &server.url(), "--num-concurrency", "1"]);
    command.args(["--api-backend", "vllm", "--api-model-name", "m", "--traffic-scenario", "D(5,5)"]);
    command.args(["--api-key-file", path]).env("MODEL_API_KEY", "another");
    let printed = notes(&mut command);
    assert_eq!(printed.contains("other users of this machine can read"), cfg!(unix), "{printed}");
    let metadata = folder.path().join("e/experiment_metadata.json");
    let metadata = std::fs::read_to_string(metadata).expect("metadata");
    assert!(!metadata.contains(KEY) && metadata.contains(path), "{metadata}");
    assert!(metadata.contains(r#""has_api_key": true"#), "{metadata}");
}

#[test]
fn a_key_file_may_be_a_pipe_and_is_named_as_the_source() {
    let mut command = check("vllm", "https://example.org", &["--api-key-file", "/dev/stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut pipe, format!("\u{feff}{KEY}\r\n").as_bytes()).expect("it reads");
    // The pipe stays open: one line is all that is read.
    let output = child.wait_with_output().expect("it ends");
    drop(pipe);
    let printed = succeeded(&output);
    assert!(printed.contains("found: API key ***6789, from --api-key-file\n"), "{printed}");
}

#[test]
fn a_key_file_that_is_no_use_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").expect("a file");
    let refused = |path: &Path, extra: &[&str]| {
        let path = path.to_str().expect("a plain name");
        let arguments = [&["--api-key-file", path], extra].concat();
        let output = check("vllm", "https://example.org", &arguments).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        errors(&output)
    };
    assert!(refused(&empty, &[]).contains("the first line is empty: put the key there"));
    assert!(refused(&folder.path().join("none"), &[]).contains("cannot be opened"));
    assert!(
        refused(&empty, &["--api-key", KEY]).contains("--api-key gives a key too: leave one of them out")
    );
}
