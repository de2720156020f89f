//! The check that imports between rooms have no circles, so that the parts of a crate can be read and extracted one
//! by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A folder of sources, and the folders in it whose parts are rooms of their own.
struct Tree {
    folder: &'static str,
    divided: &'static [&'static str],
    /// Rooms whose circles are ignored: a list to shorten, not to extend.
    exempt: &'static [&'static str],
}

const TREES: [Tree; 3] = [
    Tree { folder: "genai-bench-core/src", divided: &[], exempt: &[] },
    Tree { folder: "genai-bench-backends/src", divided: &["simulator"], exempt: &[] },
    Tree { folder: "genai-bench-cli/src", divided: &[], exempt: &[] },
];

/// The rooms of core by rank, in the order of ARCHITECTURE.md: a room imports only rooms of lower ranks.
const CORE_RANKS: [&[&str]; 18] = [
    &["files", "large_stack", "rng", "sanitize", "units"],
    &["clock", "scenario"],
    &["request", "task", "transport"],
    &["failure"],
    &["record"],
    &["auth", "backend", "storage"],
    &["media", "tokenizer", "target"],
    &["dataset", "prompt"],
    &["replay"],
    &["sampler"],
    &["arc_impls", "exchange"],
    &["plan"],
    &["error", "metrics"],
    &["workload", "experiment", "report"],
    &["observe"],
    &["engine", "recorder"],
    &["runner"],
    &["conformance"],
];

/// The path of a module from the root of its crate; empty for the root.
type Module = Vec<String>;

/// The modules that each module imports, by file: code of tests is left out.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Reads the sources below `folder`, by their modules.
fn read(folder: &Path, module: &Module, sources: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let mut inner = module.clone();
        if stem == "tests" {
            continue;
        }
        if !(module.is_empty() && matches!(stem.as_str(), "lib" | "main")) {
            inner.push(stem);
        }
        if path.is_dir() {
            read(&path, &inner, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.insert(inner, fs::read_to_string(&path).expect("a readable file"));
        }
    }
}

/// Returns the code of a file without comments, tests and the paths in visibility modifiers.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = lines.join("\n");
    let mut parts = code.split("pub(in ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |code, part| code + "pub" + part.split_once(')').unwrap_or_default().1)
}

/// Returns the paths of `tree`, the inside of a `use`, each written out: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split_whitespace().collect()];
    };
    let inside = inside.strip_suffix('}').unwrap_or(inside);
    let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in inside.char_indices().chain([(inside.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inside[start..at].trim();
                if !part.is_empty() {
                    paths.extend(expand(&format!("{}{part}", prefix.trim())));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

/// Returns the paths that code names: those of its `use` lines, and those that begin with `crate` or `super` elsewhere.
fn paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let keyword = statement.rfind("use ").filter(|at| {
            let before = statement[..*at].trim_end();
            before.is_empty() || before.ends_with(['}', ']', ')', '{']) || before.ends_with("pub")
        });
        match keyword {
            Some(at) => {
                rest.push_str(&statement[..at]);
                paths.extend(expand(statement[at + 4..].trim_end_matches(';')));
            }
            None => rest.push_str(statement),
        }
    }
    let is_of_path = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    let words = rest.split(|character| !is_of_path(character));
    let is_local = |word: &&str| word.starts_with("crate::") || word.starts_with("super::");
    paths.extend(words.filter(is_local).map(str::to_owned));
    paths
}

/// Returns the longest prefix of `path`, named in `module`, that is one of `modules`; `None` for a path of another
/// crate.
fn resolve(path: &str, module: &Module, modules: &BTreeMap<Module, String>) -> Option<Module> {
    let mut steps: Vec<&str> = path.split("::").collect();
    let mut found = match *steps.first()? {
        "crate" => Vec::new(),
        "super" | "self" => module.clone(),
        first => {
            let mut child = module.clone();
            child.push(first.to_owned());
            if !modules.contains_key(&child) {
                return None;
            }
            module.clone()
        }
    };
    while let Some(first) = steps.first().filter(|step| matches!(**step, "crate" | "super" | "self")) {
        if *first == "super" {
            found.pop();
        }
        steps.remove(0);
    }
    for step in steps {
        let mut next = found.clone();
        next.push(step.to_owned());
        if !modules.contains_key(&next) {
            break;
        }
        found = next;
    }
    Some(found)
}

/// Returns the imports of each of `sources` from the others.
fn imports(sources: &BTreeMap<Module, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, source) in sources {
        let found = paths(&code(source)).into_iter().filter_map(|path| resolve(&path, module, sources));
        let others = found.filter(|other| other != module && !other.is_empty());
        imports.insert(module.clone(), others.collect());
    }
    imports
}

/// Returns the room of a module: the first part of its path, of a divided folder the first two.
fn room(module: &Module, divided: &[&str]) -> String {
    let is_divided = module.first().is_some_and(|first| divided.contains(&first.as_str()));
    module.iter().take(if is_divided { 2 } else { 1 }).cloned().collect::<Vec<_>>().join("::")
}

/// Returns the rooms that `start` imports, directly or through others.
fn reachable<'a>(start: &'a str, edges: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(room) = open.pop() {
        for next in edges.get(room).into_iter().flatten() {
            if found.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    found
}

/// Returns the rooms that import each other in a circle, each circle once, without those that are `exempt`.
fn circles(sources: &BTreeMap<Module, String>, divided: &[&str], exempt: &[&str]) -> Vec<Vec<String>> {
    let is_room = |room: &str| !room.is_empty() && !exempt.contains(&room);
    let mut edges = BTreeMap::<String, BTreeSet<String>>::new();
    for (module, others) in imports(sources) {
        let from = room(&module, divided);
        let others = others.iter().map(|other| room(other, divided));
        let others = others.filter(|to| *to != from && is_room(to));
        if is_room(&from) {
            edges.entry(from.clone()).or_default().extend(others);
        }
    }
    let mut circles = BTreeSet::new();
    for room in edges.keys() {
        let below = reachable(room, &edges);
        if below.contains(room.as_str()) {
            let circle = below.iter().filter(|other| reachable(other, &edges).contains(room.as_str()));
            circles.insert(circle.map(|other| (*other).to_owned()).collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

#[test]
fn no_rooms_import_each_other() {
    for tree in TREES {
        let mut sources = BTreeMap::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(tree.folder);
        read(&folder, &Vec::new(), &mut sources);
        assert!(sources.len() > 40, "{}: the sources are not where they were looked for", tree.folder);
        let found = circles(&sources, tree.divided, tree.exempt);
        assert!(found.is_empty(), "{}: {found:#?}", tree.folder);
        for room in tree.exempt {
            let others: Vec<&str> = tree.exempt.iter().copied().filter(|other| other != room).collect();
            let needed = !circles(&sources, tree.divided, &others).is_empty();
            assert!(needed, "{}: {room} has no circle: remove it from the list of exemptions", tree.folder);
        }
    }
}

/// Returns the violations of `ranks`: rooms without a rank, and imports that are not of a lower rank.
fn rank_breaks(sources: &BTreeMap<Module, String>, ranks: &[&[&str]]) -> BTreeSet<String> {
    let rank = |room: &str| ranks.iter().position(|rooms| rooms.contains(&room));
    let mut breaks = BTreeSet::new();
    for (module, others) in imports(sources) {
        let from = room(&module, &[]);
        if from.is_empty() {
            continue;
        }
        if rank(&from).is_none() {
            breaks.insert(format!("{from} has no rank"));
        }
        for to in others.iter().map(|other| room(other, &[])).filter(|to| *to != from) {
            if rank(&to) >= rank(&from) {
                breaks.insert(format!("{} imports {to}, which is not of a lower rank", module.join("::")));
            }
        }
    }
    breaks
}

#[test]
fn rooms_of_core_import_only_lower_ranks() {
    let mut sources = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("genai-bench-core/src");
    read(&folder, &Vec::new(), &mut sources);
    let breaks = rank_breaks(&sources, &CORE_RANKS);
    assert!(breaks.is_empty(), "{breaks:#?}");
    for room in CORE_RANKS.concat() {
        assert!(sources.contains_key(&vec![room.to_owned()]), "{room} is no room of core");
    }
}

#[test]
fn an_import_of_a_higher_rank_is_found() {
    let ranks: [&[&str]; 2] = [&["low", "beside"], &["high"]];
    let breaks = |low: &str| {
        let sources = [("low", low), ("beside", ""), ("high", "use crate::low;")];
        let sources = sources.map(|(path, text)| (vec![path.to_owned()], text.to_owned()));
        rank_breaks(&BTreeMap::from(sources), &ranks).len()
    };
    assert_eq!(breaks("use std::fmt;"), 0);
    assert_eq!(breaks("use crate::high::Part;"), 1);
    assert_eq!(breaks("use crate::beside::Part;"), 1, "of the same rank");
    let unranked = BTreeMap::from([(vec!["new".to_owned()], String::new())]);
    assert_eq!(rank_breaks(&unranked, &ranks).len(), 1);
}

/// Returns the circles of made-up sources, each a path and a text.
fn circles_of(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let sources = sources.iter().map(|(path, text)| (module(path), (*text).to_owned())).collect();
    circles(&sources, &["divided"], &["exempt"])
}

#[test]
fn a_circle_between_rooms_is_found() {
    let circle = [["a", "b"].map(str::to_owned).to_vec()];
    let part = [("a", "use crate::b::inner::Part;"), ("b", ""), ("b/inner", "")];
    assert_eq!(circles_of(&part), [] as [Vec<String>; 0]);
    for back in [
        "use crate::a::Thing;",
        "use crate::a::{self, Thing};",
        "pub(crate) use crate::{\n    a::{Other, Thing},\n};",
        "use super::a;",
        "fn f() -> crate::a::Thing { f() }",
        "use std::fmt;\n\n#[cfg(unix)]\nuse crate::a;\n",
    ] {
        assert_eq!(circles_of(&[("a", "use crate::b::Part;"), ("b", back)]), circle, "{back}");
    }
    let through_a_child =
        [("a", "mod c;"), ("a/c", "use super::super::b::Part;"), ("b", "use crate::a::Thing;")];
    assert_eq!(circles_of(&through_a_child), circle);
}

#[test]
fn a_circle_of_three_rooms_is_found_once() {
    let sources =
        [("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "use crate::a;"), ("d", "use crate::a;")];
    assert_eq!(circles_of(&sources), [["a", "b", "c"].map(str::to_owned).to_vec()]);
}

#[test]
fn circles_inside_a_room_or_in_tests_are_ignored() {
    let none: [Vec<String>; 0] = [];
    assert_eq!(circles_of(&[("a", "mod c;\nuse c::Part;"), ("a/c", "use super::Thing;")]), none);
    let tests = "use crate::b;\n\n#[cfg(test)]\nmod tests {\n    use crate::c;\n}\n";
    assert_eq!(circles_of(&[("a", "use crate::b;"), ("b", "// use crate::a;"), ("c", tests)]), none);
    assert_eq!(circles_of(&[("a", "use other::b;"), ("b", "use crate::a;")]), none);
    assert_eq!(circles_of(&[("exempt", "use crate::b;"), ("b", "use crate::exempt;")]), none);
}

#[test]
fn parts_of_a_divided_folder_are_rooms() {
    let parts = |back| {
        let face = "mod a;\nmod b;\npub use a::Shown;";
        circles_of(&[("divided", face), ("divided/a", "use super::b::Part;"), ("divided/b", back)])
    };
    assert_eq!(parts("pub(in crate::divided) struct Part;"), [] as [Vec<String>; 0]);
    assert_eq!(parts("use super::a::Thing;"), [["divided::a", "divided::b"].map(str::to_owned).to_vec()]);
    assert_eq!(parts("use super::Shown;")[0].len(), 3, "the face shows what is in its parts");
}

#[test]
fn no_codec_imports_the_hub_or_the_simulator() {
    let mut sources = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("genai-bench-backends/src");
    read(&folder, &Vec::new(), &mut sources);
    for apart in ["hub", "simulator"] {
        let is_inside = |module: &Module| module.first().is_some_and(|first| first == apart);
        let importers: Vec<Module> = imports(&sources)
            .into_iter()
            .filter(|(module, others)| !is_inside(module) && others.iter().any(is_inside))
            .map(|(module, _)| module)
            .collect();
        assert!(sources.keys().any(is_inside) && importers.is_empty(), "{importers:?} import {apart}");
    }
}
