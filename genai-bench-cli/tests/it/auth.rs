//! `auth check`: the sources of credentials, the answer of the server, and the absence of secrets in the output.

use std::net::{Ipv4Addr, SocketAddr};

use genai_bench_backends::simulator::{Settings, Simulator};

use crate::command::{genai_bench, succeeded};

const KEY: &str = "sk-do-not-show-0123456789";

fn guarded() -> Simulator {
    let settings = Settings { api_key: Some(KEY.into()), ..Settings::instant() };
    Simulator::start(settings, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a simulator")
}

#[test]
fn a_key_is_found_named_and_tried() {
    let server = guarded();
    let check = |name: &'static str, key: &'static str| {
        let mut command = genai_bench(&["auth", "check", "--api-backend", "vllm"]);
        command.args(["--api-base", &server.url(), "--api-model-name", "m"]).env(name, key);
        command.output().expect("the binary runs")
    };
    let printed = succeeded(&check("MODEL_API_KEY", KEY));
    assert!(printed.starts_with(&format!("vllm at {}/v1\n  > API key", server.url())), "{printed}");
    assert!(printed.contains("found: API key ***6789, from $MODEL_API_KEY\n"), "{printed}");
    assert!(printed.ends_with("tested: m answered\n") && !printed.contains(KEY), "{printed}");

    let refused = check("MODEL_API_KEY", "sk-wrong-do-not-show-98765");
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{errors}");
    assert!(errors.contains("401") && errors.contains("does not accept this credential"), "{errors}");
    assert!(!errors.contains("98765"), "{errors}");

    let nothing = check("UNRELATED", "");
    assert!(String::from_utf8_lossy(&nothing.stdout).contains("> none"), "{nothing:?}");
    assert_eq!(nothing.status.code(), Some(2));
}

#[test]
fn options_win_and_a_header_is_enough() {
    let mut command = genai_bench(&["auth", "check", "--api-backend", "openai", "--api-key", KEY]);
    let printed = succeeded(&command.env("MODEL_API_KEY", "another").output().expect("the binary runs"));
    assert!(printed.contains("found: API key ***6789, from --api-key\nnot tested"), "{printed}");
    let header = format!("Authorization: Bearer {KEY}");
    let mut command = genai_bench(&["auth", "check", "--api-backend", "openai", "--header", &header]);
    let printed = succeeded(&command.output().expect("the binary runs"));
    assert!(printed.contains("found: header authorization: ***, from --header\n"), "{printed}");
    assert!(!printed.contains("6789"), "{printed}");
}

#[test]
fn an_address_may_stand_in_the_providers_own_variable() {
    let server = guarded();
    let mut command = genai_bench(&["auth", "check", "--api-backend", "openai", "--api-model-name", "m"]);
    command.env("OPENAI_BASE_URL", server.url()).env("OPENAI_API_KEY", KEY);
    let output = command.output().expect("the binary runs");
    let printed = succeeded(&output);
    assert!(printed.starts_with(&format!("openai at {}/v1\n", server.url())), "{printed}");
    assert!(printed.ends_with("tested: m answered\n"), "{printed}");
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(notes.contains("note: --api-base is set by $OPENAI_BASE_URL"), "{notes}");
    command.args(["--api-base", "http://127.0.0.1:1"]);
    let output = command.output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("openai at http://127.0.0.1:1/v1\n"));
}

#[test]
fn sources_are_listed_without_credentials() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut command = genai_bench(&["auth", "check", "--api-backend", "oci-genai", "--region", "ord"]);
    let output = command.env_clear().env("HOME", home.path()).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.starts_with("oci-genai\n") && printed.contains("$OCI_GENAI_API_KEY"), "{printed}");
    assert!(printed.contains("OCI instance principal") && !printed.contains('>'), "{printed}");
}

#[test]
fn a_backend_has_to_be_named() {
    let output = genai_bench(&["auth", "check"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--api-backend"));
}
