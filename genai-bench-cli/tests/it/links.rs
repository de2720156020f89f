//! Links in the place of output files, which are never written through.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::command::{files, genai_bench, simulated, succeeded};

const KEPT: &str = "belongs to somebody";

/// Makes a file that is not to be written to, and links to it at `places`.
fn plant(folder: &Path, places: &[&Path]) -> std::path::PathBuf {
    let target = folder.join("target");
    std::fs::write(&target, KEPT).expect("a file");
    for place in places {
        symlink(&target, place).expect("a link");
    }
    target
}

fn assert_kept(target: &Path) {
    assert_eq!(std::fs::read_to_string(target).expect("the target"), KEPT);
}

#[test]
fn rebuild_does_not_follow_planted_links() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    succeeded(&simulated(folder.path(), &["--num-concurrency", "1"]).output().expect("the binary runs"));
    let result = files(folder.path(), |name| name.contains("_time_")).remove(0);
    let kept = std::fs::read(&result).expect("a result");
    let target = plant(folder.path(), &[&result.with_extension("json.partial")]);
    std::fs::remove_file(&result).expect("removed");
    symlink(&target, &result).expect("a link");
    let experiment = folder.path().join("e");
    let output =
        genai_bench(&["rebuild", "--experiment-folder", experiment.to_str().expect("a plain name")]).output();
    succeeded(&output.expect("the binary runs"));
    assert_kept(&target);
    assert!(!result.is_symlink(), "the link is replaced");
    assert_eq!(std::fs::read(&result).expect("a result").len(), kept.len());
}

#[test]
fn workloads_and_logs_do_not_follow_planted_links() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (made, log) = (folder.path().join("made.jsonl"), folder.path().join("genai_bench.log"));
    let target = plant(folder.path(), &[&folder.path().join("made.jsonl.partial"), &made, &log]);
    let output = genai_bench(&["workload", "make", "--output", made.to_str().expect("a plain name")])
        .args(["--api-model-name", "m", "--traffic-scenario", "D(8,2)", "--num-concurrency", "1"])
        .args(["--max-requests-per-run", "2"])
        .output();
    succeeded(&output.expect("the binary runs"));
    let logs = folder.path().to_str().expect("a plain name");
    let output = simulated(folder.path(), &["--num-concurrency", "1", "--log-dir", logs]).output();
    let output = output.expect("the binary runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && error.contains("--log-dir") && error.contains("link"),
        "{error}"
    );
    assert_kept(&target);
}
