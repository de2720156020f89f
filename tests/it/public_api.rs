//! The public API of the libraries, item by item: a change of it is seen in review, as a change of a file.
//!
//! `make api` writes the files anew. The listing comes from rustdoc's JSON, so that it has re-exports, generics and bounds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that writes the listings instead of comparing them.
const UPDATE: &str = "UPDATE_PUBLIC_API";

/// Returns the folder of build outputs: that of the running test.
fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Builds rustdoc's JSON of a library with all features, and returns its file.
///
/// JSON is an unstable output format. It is allowed by a wrapper around rustdoc alone: as a variable of the whole build it
/// would have all dependencies built anew.
fn rustdoc_json(root: &Path, package: &str) -> PathBuf {
    let folder = tempfile::tempdir().expect("a folder for the wrapper");
    let wrapper = folder.path().join("rustdoc");
    fs::write(&wrapper, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n").expect("a writable folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("an own file");
    }
    let target = target_folder(root);
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["rustdoc", "--locked", "--quiet", "--lib", "--all-features", "--package", package])
        .args(["--", "-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"])
        .env("RUSTDOC", &wrapper)
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "rustdoc of {package} failed");
    target.join("doc").join(format!("{}.json", package.replace('-', "_")))
}

/// Returns the public items of a library, one a line.
fn listing(root: &Path, package: &str) -> String {
    let api = public_api::Builder::from_rustdoc_json(rustdoc_json(root, package))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .expect("the toolchain is that of rust-version, whose JSON public-api reads");
    api.to_string()
}

/// Returns the lines that are in only one of two listings, with `+` or `-`.
fn difference(expected: &str, found: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let removed = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let added = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    removed.chain(added).collect()
}

fn check(package: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("tests/public_api").join(format!("{package}.txt"));
    let found = listing(root, package);
    if std::env::var_os(UPDATE).is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a writable folder");
        fs::write(&file, &found).expect("a writable file");
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let changes = difference(&expected, &found);
    assert!(
        changes.is_empty(),
        "the public API of {package} changed: if that is meant, run `make api` and note it in CHANGELOG.md\n{}",
        changes.join("\n")
    );
}

#[test]
#[ignore = "builds the documentation of the libraries: .ci/run and `make api` run it"]
fn the_public_api_is_the_one_that_was_reviewed() {
    check("genai-bench-core");
    check("genai-bench-backends");
}

#[test]
fn a_changed_item_is_found() {
    let before = "pub fn a::f()\npub fn a::g()\n";
    assert_eq!(difference(before, before), [] as [String; 0]);
    let after = "pub fn a::f()\npub fn a::g(u8)\n";
    assert_eq!(difference(before, after), ["- pub fn a::g()", "+ pub fn a::g(u8)"]);
}
