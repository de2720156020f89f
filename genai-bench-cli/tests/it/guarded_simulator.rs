//! `simulate`: the requests that it accepts and refuses.

use crate::simulator::Simulator;

const KEY: &str = "sesame-do-not-show";

/// Starts a simulator with a key and these options.
fn guarded(options: &[&str]) -> Simulator {
    Simulator::start(|command| command.args(options).env("SIMULATOR_API_KEY", KEY))
}

/// Returns the status of the answer, which does not repeat the key.
fn status(simulator: &Simulator, path: &str, host: &str, headers: &str) -> String {
    let answer = simulator.answer(path, host, headers);
    assert!(!answer.contains(KEY), "{answer}");
    answer.split(' ').nth(1).expect("a status").to_owned()
}

#[test]
fn the_key_guards_the_truth_and_all_but_health() {
    let simulator = guarded(&[]);
    let bearer = format!("authorization: Bearer {KEY}\r\n");
    for path in ["/truth", "/v1/models", "/nowhere"] {
        assert_eq!(status(&simulator, path, "localhost", ""), "401", "{path}");
    }
    assert_eq!(status(&simulator, "/truth", "localhost", &bearer), "200");
    assert_eq!(status(&simulator, "/health", "localhost", ""), "200");
}

#[test]
fn another_host_is_refused_unless_it_is_allowed() {
    let simulator = guarded(&["--allow-host", "gateway.lan", "--max-connections", "100"]);
    let refused = simulator.answer("/health", "evil.com", "");
    assert!(refused.starts_with("HTTP/1.0 403 ") && refused.contains("--allow-host"), "{refused}");
    assert_eq!(status(&simulator, "/health", "gateway.lan:80", ""), "200");
    assert_eq!(status(&simulator, "/health", &simulator.address, ""), "200");
}
