//! Project rules that no lint can express. Each is a function of a file, with a test that it finds a violation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use genai_bench_backends::registry::ENTRIES;

const CRATES: [&str; 3] = ["genai-bench-core", "genai-bench-backends", "genai-bench-cli"];
const CLOCK: &str = "genai-bench-core/src/clock.rs";
const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;
/// File names that do not describe their content.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "types", "shared"];
/// Providers that core must not name, beside those in the registry.
const PROVIDERS: [&str; 8] =
    ["openai", "azure", "anthropic", "bedrock", "vertex", "cohere", "together", "oci"];

/// A file of the workspace.
struct Source {
    /// The path from the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Returns the text before the module of tests.
    fn code(&self) -> &str {
        if self.is_test() {
            return "";
        }
        self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.path.split('/').any(|it| matches!(it, "tests" | "tests.rs" | "benches"))
    }

    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|it| it.to_str()).unwrap_or_default()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every Rust file of the crates, the examples and the tests.
fn sources() -> Vec<Source> {
    let mut folders: Vec<PathBuf> = CRATES.iter().map(|it| root().join(it)).collect();
    folders.extend(["examples", "tests"].map(|it| root().join(it)));
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() && path.file_name().is_some_and(|it| it != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a readable file");
                let path = path.strip_prefix(root()).expect("it is under the root");
                found.push(Source { path: path.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    assert!(found.len() > 100, "the workspace is not where it was looked for");
    found
}

/// Fails with every violation of `rule` in the workspace.
fn keeps(rule: fn(&Source) -> Vec<String>) {
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|it| rule(it).into_iter().map(|what| format!("{}: {what}", it.path)))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Returns the violations of `rule` in a file with this text.
fn finds(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> usize {
    rule(&Source { path: path.to_owned(), text: text.to_owned() }).len()
}

/// Returns the lines of code with their numbers, without comments.
fn lines(code: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Returns `number: line` for every line that contains one of `words`.
fn lines_with(code: &str, words: &[&str]) -> Vec<String> {
    let has_one = |line: &str| words.iter().any(|it| line.contains(it));
    lines(code)
        .filter(|it| has_one(it.1))
        .map(|(number, line)| format!("{number}: {}", line.trim()))
        .collect()
}

#[test]
fn only_the_clock_reads_a_clock() {
    fn rule(source: &Source) -> Vec<String> {
        let reads = ["Instant::now", "SystemTime::now", ".elapsed()", "disallowed_methods"];
        // This file has to name what it forbids.
        if [CLOCK, "tests/it/tidy.rs"].contains(&&*source.path) {
            return Vec::new();
        }
        lines_with(&source.text, &reads)
    }
    keeps(rule);
    assert_eq!(
        finds(
            rule,
            "a.rs",
            "let now = Instant::now();\n#[expect(clippy::disallowed_methods)]\n// Instant::now"
        ),
        2
    );
    assert_eq!(finds(rule, CLOCK, "Instant::now()"), 0);
}

#[test]
fn no_thread_sleeps() {
    fn rule(source: &Source) -> Vec<String> {
        // It sleeps on a thread of its own, which no measurement waits for.
        if source.path == "genai-bench-core/src/recorder.rs" {
            return Vec::new();
        }
        lines_with(source.code(), &["thread::sleep", "park_timeout"])
    }
    keeps(rule);
    assert_eq!(finds(rule, "a.rs", "std::thread::sleep(second);"), 1);
}

#[test]
fn files_stay_small() {
    fn rule(source: &Source) -> Vec<String> {
        let length = if source.path.starts_with("tests/") {
            source.text.lines().count()
        } else {
            source.code().lines().count()
        };
        if length > LONGEST_FILE {
            vec![format!("{length} lines, {LONGEST_FILE} at most")]
        } else {
            Vec::new()
        }
    }
    keeps(rule);
    let long = "let it = 1;\n".repeat(LONGEST_FILE + 1);
    assert_eq!(finds(rule, "a.rs", &long), 1);
    assert_eq!(finds(rule, "a.rs", &format!("#[cfg(test)]\nmod tests {{\n{long}}}")), 0);
}

/// Returns the functions of code in rustfmt's layout: a function ends at the first line of its indent and a brace.
fn functions(code: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let begins = |line: &str| {
        let words = line.split_whitespace().take_while(|it| !it.contains('"'));
        words.take(5).any(|it| it == "fn") && !line.trim_start().starts_with("//")
    };
    let length = |(number, line): (usize, &&'_ str)| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |it: &&str| {
            it.strip_prefix(indent).is_some_and(|it| {
                it.starts_with('}') || it == ");" || it.starts_with(") -> ") && it.ends_with(';')
            })
        };
        1 + lines[number + 1..].iter().position(ends).map_or(0, |it| it + 1)
    };
    let opens = |line: &str| !line.ends_with(';') && !line.ends_with('}');
    let begun = lines.iter().enumerate().filter(|(_, line)| begins(line) && opens(line));
    begun.map(|it| (it.1.trim(), length(it))).collect()
}

#[test]
fn functions_stay_small() {
    fn rule(source: &Source) -> Vec<String> {
        let long = functions(&source.text).into_iter().filter(|it| it.1 > LONGEST_FUNCTION);
        long.map(|(name, length)| format!("{length} lines, {LONGEST_FUNCTION} at most: {name}")).collect()
    }
    keeps(rule);
    let function = |body: usize| {
        format!(
            "impl A {{\n    pub fn a(\n        b: u8,\n    ) {{\n{}    }}\n}}\n",
            "        b();\n".repeat(body)
        )
    };
    assert_eq!(finds(rule, "a.rs", &function(LONGEST_FUNCTION - 4)), 0);
    assert_eq!(finds(rule, "a.rs", &function(LONGEST_FUNCTION - 3)), 1);
    let two = "fn a() {\n    b();\n}\n\nasync fn b() {\n    c();\n    d();\n}\n";
    assert_eq!(functions(two), [("fn a() {", 3), ("async fn b() {", 4)]);
}

#[test]
fn file_names_describe_their_content() {
    fn rule(source: &Source) -> Vec<String> {
        let path = source.path.trim_end_matches(".rs").split('/');
        path.filter(|it| EMPTY_NAMES.contains(it))
            .map(|it| format!("'{it}' does not describe a content: name the file for what is in it"))
            .collect()
    }
    keeps(rule);
    assert_eq!(finds(rule, "genai-bench-core/src/utils.rs", ""), 1);
    assert_eq!(finds(rule, "genai-bench-core/src/common/clock.rs", ""), 1);
}

#[test]
fn core_names_no_provider() {
    /// Returns `true` if `text` contains `word` in any case, except in the English word "together".
    fn names(text: &str, word: &str) -> bool {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric());
        words.into_iter().any(|it| it.eq_ignore_ascii_case(word) && !(word == "together" && it == word))
    }
    fn rule(source: &Source) -> Vec<String> {
        if !source.path.starts_with("genai-bench-core/src/") {
            return Vec::new();
        }
        // `custom` is any server's, and an English word.
        let entries = ENTRIES.iter().map(|it| it.name).filter(|it| *it != "custom");
        let known: BTreeSet<&str> = entries.chain(PROVIDERS).collect();
        known.into_iter().filter(|it| names(&source.text, it)).map(|it| format!("it names {it}")).collect()
    }
    keeps(rule);
    let path = "genai-bench-core/src/a.rs";
    assert_eq!(finds(rule, path, "// as OpenAI does"), 1);
    assert_eq!(finds(rule, path, "/// Together's API, and vLLM's"), 2);
    assert_eq!(finds(rule, path, "/// all of it together, in a social way"), 0);
}

#[test]
fn every_backend_is_registered() {
    let registry =
        fs::read_to_string(root().join("genai-bench-backends/src/registry.rs")).expect("the registry");
    let module = |it: &Source| {
        let inside = it.path.strip_prefix("genai-bench-backends/src/").unwrap_or(&it.path);
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
    };
    // A provider can have several: `const NAME: Entry = …`.
    let name = |line: &str| Some(line.split_once("const ")?.1.split_once(": Entry =")?.0.to_owned());
    let in_file = |it: &Source| {
        let names: Vec<_> = lines(it.code()).filter_map(|it| name(it.1)).collect();
        names.into_iter().map(|name| format!("crate::{}::{name},", module(it))).collect::<Vec<_>>()
    };
    let entries: Vec<String> = sources().iter().flat_map(in_file).collect();
    for line in &entries {
        assert!(registry.contains(line), "an entry is not in the registry: add {line}");
    }
    assert_eq!(entries.len(), ENTRIES.len(), "an entry is listed twice, or is not where it is looked for");
}

#[test]
fn the_registry_is_in_the_order_of_names() {
    assert!(
        ENTRIES.is_sorted_by(|a, b| a.name < b.name),
        "{:?}",
        ENTRIES.iter().map(|it| it.name).collect::<Vec<_>>()
    );
}

#[test]
fn nothing_is_left_unfinished_or_unwrapped() {
    fn rule(source: &Source) -> Vec<String> {
        let found = lines_with(source.code(), &[".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "allow("]);
        // `allow` needs a reason where `expect` is impossible, because it would fail in builds with more features.
        found.into_iter().filter(|it| !(it.contains("allow(") && it.contains("reason = "))).collect()
    }
    keeps(rule);
    assert_eq!(finds(rule, "a.rs", "a.unwrap();\ntodo!()\n/// a.unwrap()\n#[allow(dead_code)]\n"), 3);
    assert_eq!(finds(rule, "a.rs", "#![cfg_attr(not(feature = \"a\"), allow(dead_code))]\n"), 1);
    assert_eq!(finds(rule, "a.rs", "#![allow(dead_code, reason = \"b\")]\n"), 0);
    assert_eq!(finds(rule, "a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    a.unwrap();\n}\n"), 0);
    assert_eq!(finds(rule, "crate/src/sse/tests.rs", "a.unwrap();"), 0);
}

#[test]
fn every_file_says_what_it_is_for() {
    fn rule(source: &Source) -> Vec<String> {
        if source.text.starts_with("//! ") {
            Vec::new()
        } else {
            vec!["it begins without a sentence that describes it".to_owned()]
        }
    }
    keeps(rule);
    assert_eq!(finds(rule, "a.rs", "use std::fmt;"), 1);
}

#[test]
fn every_example_says_how_to_run_it() {
    fn rule(source: &Source) -> Vec<String> {
        let command = format!("cargo run --example {}", source.stem());
        let is_silent = source.path.starts_with("examples/") && !source.text.contains(&command);
        if is_silent { vec![format!("its header does not name the command `{command}`")] } else { Vec::new() }
    }
    keeps(rule);
    assert_eq!(finds(rule, "examples/a.rs", "//! Shows nothing."), 1);
}
