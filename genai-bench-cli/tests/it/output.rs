//! What is printed, and to whom.

use crate::command::{genai_bench, results, simulated};

#[test]
fn a_reader_that_has_gone_is_no_crash() {
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let listed = genai_bench(&["backends"]).stdout(gone()).output().expect("the binary runs");
    assert!(listed.status.success(), "{listed:?}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let measured = simulated(folder.path(), &["--traffic-scenario", "D(5,5)", "--num-concurrency", "2"])
        .stdout(gone())
        .output()
        .expect("the binary runs");
    assert!(measured.status.success(), "{measured:?}");
    assert_eq!(results(folder.path()).len(), 1);
}
