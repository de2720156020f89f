//! The list of crates whose builds run a program or compile C, with the reason for each.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const LIST: &str = "tests/dependencies.txt";

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).args(["--locked", "--offline", "--all-features"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// Returns the crates of all targets whose builds run a program or include a library.
fn found() -> BTreeSet<String> {
    let tree = [
        "tree",
        "--workspace",
        "--target",
        "all",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let tree = cargo(&tree);
    let used: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let runs_a_program = |package: &Value| {
        let targets = package["targets"].as_array().into_iter().flatten();
        let mut kinds = targets.filter_map(|target| target["kind"].as_array()).flatten();
        !package["links"].is_null() || kinds.any(|kind| kind == "custom-build")
    };
    let is_foreign = |package: &Value| !package["source"].is_null();
    let packages = packages.iter().filter(|package| is_foreign(package) && runs_a_program(package));
    let names = packages.filter_map(|package| package["name"].as_str());
    names.filter(|name| used.contains(name)).map(str::to_owned).collect()
}

/// Returns the names in the list, in which each line has three parts.
fn listed(list: &str) -> BTreeSet<String> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names = lines.map(|line| match line.split('|').map(str::trim).collect::<Vec<_>>()[..] {
        [name, what, why] if !what.is_empty() && !why.is_empty() => name.to_owned(),
        _ => panic!("{LIST}: expected crate | what its build does | why it is there: {line}"),
    });
    names.collect()
}

#[test]
fn every_crate_that_builds_with_a_program_or_c_is_listed() {
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST)).expect("the list");
    let (found, listed) = (found(), listed(&list));
    let new: Vec<&String> = found.difference(&listed).collect();
    assert!(
        new.is_empty(),
        "{LIST} lacks {new:?}: check their builds, and add them with the reason for each"
    );
    let gone: Vec<&String> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "{LIST} has {gone:?}, which are no longer there");
}
