//! The file names in backends, and the imports between them.

use std::fs;
use std::path::{Path, PathBuf};

const BACKENDS: &str = "genai-bench-backends/src";

/// The names of files that any backend may have.
const ROOMS: [&str; 14] = [
    "backend",
    "endpoint",
    "request",
    "response",
    "event",
    "usage",
    "finish_reason",
    "extra_params",
    "error",
    "entry",
    "embeddings",
    "rerank",
    "images",
    "speech",
];

/// The names of files of tests and of recordings.
const TESTS: [&str; 2] = ["tests", "cassettes"];

/// The largest number of names that one backend may have beside [`ROOMS`].
const MOST_OWN_NAMES: usize = 6;

/// The folders of backends, with the names that each has beside [`ROOMS`].
const FOLDERS: [(&str, &[&str]); 8] = [
    ("anthropic", &[]),
    ("azure", &["credentials"]),
    ("bedrock", &["content", "credentials", "family", "invoke", "openai", "options"]),
    ("cohere", &[]),
    ("custom", &["description", "template"]),
    ("oci", &["auth", "format", "openai", "options", "serving"]),
    ("openai", &["chunk", "delta", "dialect", "responses", "sampling"]),
    ("vertex", &["anthropic", "api", "credentials", "gemini", "openai"]),
];

/// The backends that are one file, with recordings at most.
const FILES: [&str; 4] = ["sglang", "simulated", "together", "vllm"];

/// The backends whose codecs other backends may import.
const SHARED: [&str; 2] = ["anthropic", "openai"];

/// A file of a backend.
struct Source {
    /// The path from the folder of all backends, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Returns the name of the backend.
    fn backend(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Returns the name of the file or folder in the folder of the backend, if the file is in there.
    fn room(&self) -> Option<&str> {
        self.path.split('/').nth(1).map(|name| name.trim_end_matches(".rs"))
    }

    fn is_test(&self) -> bool {
        self.path.split(['/', '.']).any(|part| TESTS.contains(&part))
    }

    /// Returns the text before the module of tests.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
    }
}

fn is_backend(name: &str) -> bool {
    FILES.contains(&name) || FOLDERS.iter().any(|(folder, _)| *folder == name)
}

/// Returns every Rust file of the backends.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(BACKENDS);
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a readable file");
                let path = path.strip_prefix(&root).expect("the path is under the root");
                let path = path.to_string_lossy().replace('\\', "/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.retain(|source| is_backend(source.backend()));
    assert!(sources.len() > 80, "the backends are not where they were looked for");
    sources
}

/// Returns the problem with the name of a file, if there is one.
fn wrong_name(source: &Source) -> Option<String> {
    let room = source.room()?;
    let own = FOLDERS.iter().find(|(folder, _)| *folder == source.backend()).map_or(&[][..], |(_, own)| own);
    let is_known = own.contains(&room) || TESTS.contains(&room);
    let is_room = ROOMS.contains(&room) && !FILES.contains(&source.backend());
    (!is_known && !is_room)
        .then(|| format!("{}: '{room}' is none of the names of files of a backend", source.path))
}

/// Returns the imports that a backend must not have.
fn wrong_imports(source: &Source) -> Vec<String> {
    if source.is_test() {
        return Vec::new();
    }
    let lines = source.code().lines().filter(|line| !line.trim_start().starts_with("//"));
    let imported = lines.flat_map(|line| line.split("crate::").skip(1)).flat_map(modules);
    let is_wrong = |module: &&str| {
        *module == "registry" || is_backend(module) && !SHARED.contains(module) && *module != source.backend()
    };
    imported.filter(is_wrong).map(|module| format!("{}: it imports {module}", source.path)).collect()
}

/// Returns the modules at the beginning of a path behind `crate::`: one, or those of a list.
fn modules(path: &str) -> Vec<&str> {
    let name = |text: &'_ str| {
        let end = text.find(|character: char| !character.is_alphanumeric() && character != '_');
        end.unwrap_or(text.len())
    };
    match path.strip_prefix('{') {
        Some(list) => list.split(',').map(str::trim_start).map(|text| &text[..name(text)]).collect(),
        None => vec![&path[..name(path)]],
    }
}

#[test]
fn files_of_backends_have_the_names_of_rooms() {
    let wrong: Vec<String> = sources().iter().filter_map(wrong_name).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let has_wrong_name = |path: &str| {
        let source = Source { path: path.to_owned(), text: String::new() };
        wrong_name(&source).is_some()
    };
    assert!(has_wrong_name("cohere/answer.rs") && has_wrong_name("cohere/ending/tests.rs"));
    assert!(has_wrong_name("anthropic/family.rs"), "a name of another backend");
    assert!(has_wrong_name("together/request.rs"), "a backend of one file");
    assert!(!has_wrong_name("cohere/response.rs") && !has_wrong_name("bedrock/family.rs"));
    assert!(!has_wrong_name("cohere.rs") && !has_wrong_name("together/cassettes.rs"));
}

#[test]
fn backends_have_few_names_of_their_own() {
    for (folder, own) in FOLDERS {
        assert!(own.len() <= MOST_OWN_NAMES, "{folder} has {} names of its own", own.len());
        assert!(own.iter().all(|name| !ROOMS.contains(name)), "{folder}");
        for name in own {
            let is_there = |source: &Source| source.backend() == folder && source.room() == Some(name);
            assert!(
                sources().iter().any(is_there),
                "{folder}/{name} does not exist: remove it from the list"
            );
        }
    }
}

#[test]
fn backends_import_neither_the_registry_nor_one_another() {
    let wrong: Vec<String> = sources().iter().flat_map(wrong_imports).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let count = |text: &str| {
        let source = Source { path: "oci/backend.rs".to_owned(), text: text.to_owned() };
        wrong_imports(&source).len()
    };
    assert_eq!(count("use crate::registry::ENTRIES;\nlet entry = crate::registry::find(name);"), 2);
    assert_eq!(count("use crate::cohere::Reader;"), 1);
    assert_eq!(count("use crate::{cohere, vertex, wire};"), 2);
    assert_eq!(count("use crate::openai::Dialect;\nuse crate::oci::entry;\nuse crate::entry::Entry;"), 0);
    assert_eq!(count("// crate::registry\n#[cfg(test)]\nmod tests {\n    use crate::registry;\n}"), 0);
}
