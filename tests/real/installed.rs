//! The paths of programs and files that `tests/real/setup` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the path of a file or folder that `tests/real/setup` made.
pub(crate) fn installed(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(path.exists(), "{} is not there: run tests/real/setup", path.display());
    path
}

/// Returns a command that runs a script of this folder with the Python of a virtual environment.
pub(crate) fn script(environment: &str, file: &str) -> Command {
    let mut command = Command::new(installed(environment).join("bin/python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real").join(file));
    command
}

fn folder() -> PathBuf {
    std::env::var_os("GENAI_BENCH_REAL_DIR").map_or_else(|| target().join("real"), PathBuf::from)
}

/// Returns Cargo's target folder: this test is in `<target>/<profile>/deps`.
fn target() -> PathBuf {
    profile().parent().expect("a profile's folder is in the target folder").to_owned()
}

/// Returns the folder of the profile of this test.
pub(crate) fn profile() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("a test is in <target>/<profile>/deps").to_owned()
}
