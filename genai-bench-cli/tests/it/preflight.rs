//! The requests before the first run, and the properties of the server that they show.

use std::path::Path;

use crate::command::{journal, simulated, succeeded};

/// Runs a short benchmark of a server whose chat template has 9 tokens, and returns the template's share in the facts of
/// the run.
fn template(folder: &Path, extra: &[&str]) -> Option<u64> {
    let mut command = simulated(folder, &["--simulator-settings", r#"{"template_tokens": 9, "itl": "0ms"}"#]);
    command.args(["--traffic-scenario", "D(50,3)", "--num-concurrency", "2"]).args(extra);
    succeeded(&command.output().expect("the binary runs"));
    let header = journal(folder).into_iter().find_map(|line| line.get("run").cloned());
    header.expect("a header")["facts"]["template"].as_u64()
}

#[test]
fn the_templates_share_is_a_fact_of_every_run() {
    let folder = || tempfile::tempdir().expect("a temporary folder");
    assert_eq!(template(folder().path(), &[]), Some(9));
    assert_eq!(template(folder().path(), &["--skip-preflight"]), None);
    // The expected length holds it then.
    assert_eq!(template(folder().path(), &["--prompt-overhead", "auto"]), Some(0));
    assert_eq!(template(folder().path(), &["--prompt-overhead", "9"]), Some(0));
}

#[test]
fn a_run_without_an_output_limit_has_a_note() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a.txt");
    std::fs::write(&file, "one two three\n").expect("a file");
    let notes_no_limit = |extra: &[&str]| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = r#"{"itl": "0ms"}"#;
        let mut command = simulated(folder.path(), &["--simulator-settings", settings]);
        command.args(["--dataset-path", file.to_str().expect("a plain name"), "--num-concurrency", "4"]);
        let output = command.args(extra).output().expect("the binary runs");
        succeeded(&output);
        String::from_utf8_lossy(&output.stderr).contains("no output limit")
    };
    assert!(notes_no_limit(&[]));
    assert!(!notes_no_limit(&["--traffic-scenario", "D(5,5)"]));
    assert!(!notes_no_limit(&["--additional-request-params", r#"{"max_tokens": 7}"#]));
}
