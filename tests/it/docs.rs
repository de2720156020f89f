//! Checks of the documentation: the table of contents, links and paths.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The beginning of links from the site to files outside `docs/`, which are not part of the site.
const REPOSITORY: [&str; 2] = [
    "https://github.com/sgl-project/genai-bench/blob/main/",
    "https://github.com/sgl-project/genai-bench/tree/main/",
];
const SUMMARY: &str = "docs/SUMMARY.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the Markdown files at the root and in `docs/`, as paths from the root.
fn pages() -> BTreeSet<String> {
    let folders = [("", root().to_owned()), ("docs/", root().join("docs"))];
    let files = folders.into_iter().flat_map(|(prefix, folder)| {
        let entries = fs::read_dir(folder).expect("a readable folder");
        let names =
            entries.filter_map(|entry| entry.expect("a readable entry").file_name().into_string().ok());
        names.filter(|name| name.ends_with(".md")).map(move |name| format!("{prefix}{name}"))
    });
    files.collect()
}

/// Returns the lines of `text` that are not inside a fenced block of code, without inline code.
fn prose(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push(line.split('`').step_by(2).collect());
        }
    }
    lines
}

/// Returns the targets of the links in `text`.
fn links(text: &str) -> Vec<String> {
    // A link may go on in the next line.
    let text = prose(text).join("\n");
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// Returns the anchors of the headings of `text`, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let headings = text.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    headings.map(anchor).collect()
}

/// Returns the anchor of a heading.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    });
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns `path` without `.` and `..`, or nothing if it leads out of the root.
fn normalized(path: &Path) -> Option<PathBuf> {
    let mut normalized = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => normalized.pop().then_some(())?,
            Component::Normal(name) => normalized.push(name),
            _ => {}
        }
    }
    Some(normalized)
}

/// Returns the problem with a link from `page` to `target`, if there is one.
fn problem(page: &str, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = match REPOSITORY.iter().find_map(|prefix| path.strip_prefix(prefix)) {
        Some(path) => PathBuf::from(path),
        None if path.contains("://") || path.starts_with("mailto:") => return None,
        None if path.is_empty() => PathBuf::from(page),
        None => {
            let folder = Path::new(page).parent().unwrap_or(Path::new(""));
            let Some(path) = normalized(&folder.join(path)) else {
                return Some(format!("{page}: {target} leads out of the repository"));
            };
            if page.starts_with("docs/") && !path.starts_with("docs") {
                return Some(format!(
                    "{page}: {target} is not part of the site: begin it with {}",
                    REPOSITORY[0]
                ));
            }
            path
        }
    };
    if !root().join(&path).exists() {
        return Some(format!("{page}: {target} does not exist"));
    }
    let anchor = anchor?;
    let is_there = anchors(&read(&path.to_string_lossy())).contains(anchor);
    (!is_there).then(|| format!("{page}: {target} names a heading that does not exist"))
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let listed: BTreeSet<String> =
        links(&read(SUMMARY)).into_iter().map(|target| format!("docs/{target}")).collect();
    let pages = pages().into_iter().filter(|page| page.starts_with("docs/") && page != SUMMARY);
    assert_eq!(listed, pages.collect(), "{SUMMARY} (left) and the files of docs/ (right) differ");
}

#[test]
fn every_link_has_an_existing_target() {
    let pages = pages();
    let problems = pages
        .iter()
        .flat_map(|page| links(&read(page)).into_iter().filter_map(move |target| problem(page, &target)));
    let problems: Vec<String> = problems.collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Returns the paths from the root in the inline code of `text` that do not exist. Paths of an `acme` or a `thing`
/// are examples.
fn missing_paths(text: &str) -> Vec<String> {
    const FOLDERS: [&str; 8] = [
        "genai-bench-core/",
        "genai-bench-backends/",
        "genai-bench-cli/",
        "tests/",
        "docs/",
        "examples/",
        "fuzz/",
        ".ci/",
    ];
    let code = text.split('`').skip(1).step_by(2);
    let paths = code.filter(|code| FOLDERS.iter().any(|folder| code.starts_with(folder)));
    let real = paths.filter(|path| !path.contains("acme") && !path.contains("thing"));
    real.filter(|path| !root().join(path).exists()).map(str::to_owned).collect()
}

#[test]
fn every_path_in_the_walk_throughs_exists() {
    let text = read("CONTRIBUTING.md").replace("```", "");
    assert_eq!(missing_paths(&text), Vec::<String>::new(), "CONTRIBUTING.md names files that are not there");
    assert_eq!(missing_paths("see `tests/it/docs.rs`, `tests/none.rs`, `docs/acme.md`"), ["tests/none.rs"]);
}

#[test]
fn links_without_a_target_are_found() {
    let good =
        ["verdict.md", "#which-credential-is-used", "security.md#credentials", "https://example.com/a"];
    let bad = ["none.md", "#none", "security.md#none", "../README.md", "../../README.md"];
    let page = "docs/providers.md";
    for target in good {
        assert_eq!(problem(page, target), None);
    }
    for target in bad {
        assert!(problem(page, target).is_some(), "{target}");
    }
    assert_eq!(problem("README.md", "docs/verdict.md"), None);
    assert_eq!(problem(page, &format!("{}SECURITY.md", REPOSITORY[0])), None);
    assert!(problem(page, &format!("{}NONE.md", REPOSITORY[0])).is_some());
}

#[test]
fn links_in_code_are_no_links() {
    let text = "[a](b.md) and [c\nd](e.md#f) `[g](h.md)`\n```sh\n[i](j.md)\n```\n";
    assert_eq!(links(text), ["b.md", "e.md#f"]);
    assert_eq!(anchors("# What's `here`, now\n```\n# none\n```\n"), ["whats-here-now".to_owned()].into());
}
