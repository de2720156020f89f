//! The `configs:` of a dataset's card, with the files of each split.
//!
//! The front matter of a `README.md` is YAML. The subset of YAML read here is the one in which such blocks
//! are written: maps and lists by indentation, lists in brackets, plain and quoted text. Anything else is
//! ignored, and the files are then assigned to splits by their names.

/// The maximum nesting of maps and lists.
const DEEPEST: usize = 12;

/// A config of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) name: String,
    /// `true` if the card marks the config as the default.
    pub(super) is_default: bool,
    /// The folder of its files.
    pub(super) folder: Option<String>,
    /// Splits, and the patterns of their files. Empty if the card leaves the splits to the names of the
    /// files.
    pub(super) splits: Vec<(String, Vec<String>)>,
}

/// Parses the configs of the card `readme`; returns `None` when it has none that can be read.
pub(super) fn configs(readme: &str) -> Option<Vec<Config>> {
    let lines = block(readme)?;
    let (node, rest) = node(&lines, 0)?;
    if !rest.is_empty() {
        return None;
    }
    let configs: Option<Vec<Config>> = node.list()?.iter().map(config).collect();
    configs.filter(|it| !it.is_empty())
}

/// Returns the text of a key of `node`, if it has one.
fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

fn config(node: &Node) -> Option<Config> {
    let mut config = Config {
        name: text_of(node, "config_name")?,
        is_default: text_of(node, "default").is_some_and(|it| it == "true"),
        folder: text_of(node, "data_dir").map(|it| it.trim_matches('/').to_owned()),
        splits: Vec::new(),
    };
    match node.get("data_files") {
        None => {}
        Some(Node::List(items)) if items.iter().all(|it| matches!(it, Node::Map(_))) => {
            for it in items {
                let split = it.get("split")?.text()?.to_owned();
                config.splits.push((split, it.get("path")?.texts()?));
            }
        }
        Some(files) => config.splits.push(("train".to_owned(), files.texts()?)),
    }
    Some(config)
}

/// A node of the YAML tree: a text, a list or a map.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|it| it.0 == key).map(|it| &it.1)
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(it) = self { Some(it) } else { None }
    }

    fn list(&self) -> Option<&[Self]> {
        if let Self::List(it) = self { Some(it) } else { None }
    }

    /// Returns the texts of a node that is one text or a list of texts.
    fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Text(it) => Some(vec![it.clone()]),
            Self::List(it) => it.iter().map(|it| it.text().map(str::to_owned)).collect(),
            Self::Map(_) => None,
        }
    }
}

/// A line: its indentation and its text.
type Line<'a> = (usize, &'a str);

/// Returns the lines under `configs:` in the front matter.
fn block(readme: &str) -> Option<Vec<Line<'_>>> {
    let mut lines = readme.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let matter = lines.take_while(|it| it.trim_end() != "---");
    let after = matter.skip_while(|it| without_comment(it) != "configs:").skip(1);
    let inside = after.take_while(|it| it.is_empty() || it.starts_with([' ', '-', '#', '\t', '\r']));
    let contents = inside.map(without_comment).filter(|it| !it.trim().is_empty());
    let lines = contents.map(|it| {
        let text = it.trim_start();
        let indent = it.len() - text.len();
        // YAML is indented with spaces only.
        (!it[..indent].contains('\t')).then_some((indent, text))
    });
    lines.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty())
}

/// Returns `line` without its comment and trailing spaces.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, it) in line.char_indices() {
        match quote {
            None if it == '#' && before.is_whitespace() => return line[..at].trim_end(),
            None if matches!(it, '"' | '\'') && matches!(before, ' ' | '[' | ',') => quote = Some(it),
            Some(open) if it == open => quote = None,
            _ => {}
        }
        before = it;
    }
    line.trim_end()
}

/// Parses the list or map at the beginning of `lines`, and returns it with the lines after it.
fn node<'l, 't>(lines: &'l [Line<'t>], depth: usize) -> Option<(Node, &'l [Line<'t>])> {
    let (_, text) = lines.first()?;
    if depth > DEEPEST {
        None
    } else if is_item(text) {
        list(lines, depth)
    } else {
        map(lines, depth)
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn list<'l, 't>(mut lines: &'l [Line<'t>], depth: usize) -> Option<(Node, &'l [Line<'t>])> {
    let indent = lines.first()?.0;
    let mut items = Vec::new();
    while let Some((_, text)) = lines.first().filter(|it| it.0 == indent && is_item(it.1)) {
        let inside = text[1..].trim_start();
        let deeper = 1 + lines[1..].iter().take_while(|it| it.0 > indent).count();
        let (own, rest) = lines.split_at(deeper);
        lines = rest;
        // The text after the dash has the indentation of its own column.
        let first = (indent + text.len() - inside.len(), inside);
        let own: Vec<Line<'t>> =
            Some(first).filter(|_| !inside.is_empty()).into_iter().chain(own[1..].iter().copied()).collect();
        items.push(if own.len() == 1 && key(inside).is_none() && !is_item(inside) {
            value(inside)?
        } else {
            whole(&own, depth + 1)?
        });
    }
    no_deeper(lines, indent).then_some((Node::List(items), lines))
}

fn map<'l, 't>(mut lines: &'l [Line<'t>], depth: usize) -> Option<(Node, &'l [Line<'t>])> {
    let indent = lines.first()?.0;
    let mut entries = Vec::new();
    while let Some((_, text)) = lines.first().filter(|it| it.0 == indent && !is_item(it.1)) {
        let (name, inside) = key(text)?;
        lines = &lines[1..];
        // A list may have the same indentation as its key.
        let own = lines.iter().take_while(|line| line.0 > indent || (line.0 == indent && is_item(line.1)));
        let own = own.count();
        let (own, rest) = lines.split_at(own);
        lines = rest;
        entries.push((
            name,
            match (inside, own) {
                ("", []) => Node::Text(String::new()),
                ("", own) => whole(own, depth + 1)?,
                (inside, []) => value(inside)?,
                _ => return None,
            },
        ));
    }
    no_deeper(lines, indent).then_some((Node::Map(entries), lines))
}

/// Parses all of `lines` as one list or map.
fn whole(lines: &[Line<'_>], depth: usize) -> Option<Node> {
    node(lines, depth).filter(|it| it.1.is_empty()).map(|it| it.0)
}

/// Returns `true` if the lines after a block are not a part of it that was not understood.
fn no_deeper(lines: &[Line<'_>], indent: usize) -> bool {
    lines.first().is_none_or(|it| it.0 <= indent)
}

/// Parses `key: value`, or `key:` alone.
fn key(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['"', '\'']) {
        let end = 1 + text[1..].find(text.chars().next()?)?;
        let rest = text[end + 1..].strip_prefix(':')?;
        return (rest.is_empty() || rest.starts_with(' ')).then(|| (text[1..end].to_owned(), rest.trim()));
    }
    let (name, rest) = text.split_once(": ").or_else(|| text.strip_suffix(':').map(|it| (it, "")))?;
    name.chars().all(is_plain).then(|| (name.trim().to_owned(), rest.trim()))
}

/// Returns `true` for the characters of unquoted keys.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ' ' | '/')
}

/// Parses a text, or a list in brackets on one line.
fn value(text: &str) -> Option<Node> {
    let Some(inside) = text.strip_prefix('[') else {
        return scalar(text).map(Node::Text);
    };
    let inside = inside.strip_suffix(']')?.trim();
    if inside.is_empty() {
        return Some(Node::List(Vec::new()));
    }
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    let items: Option<Vec<Node>> = inside.split(',').map(|it| scalar(it.trim()).map(Node::Text)).collect();
    items.map(Node::List)
}

fn scalar(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    match first {
        '"' | '\'' => {
            let inside = text.strip_prefix(first)?.strip_suffix(first)?;
            // An escape or a doubled quote is not supported.
            (!inside.contains([first, '\\'])).then(|| inside.to_owned())
        }
        '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' | ',' => None,
        _ => (!text.contains(": ") && !text.contains([']', '}'])).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &str) -> Option<Vec<Config>> {
        configs(&format!("---\nlicense: mit\n{block}tags:\n- a\n---\n# Card\nconfigs:\n- nonsense\n"))
    }

    fn splits(of: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        of.iter().map(|it| (it.0.to_owned(), it.1.iter().map(|it| (*it).to_owned()).collect())).collect()
    }

    #[test]
    fn common_notations_of_configs_are_read() {
        let block = "configs: # two\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n  \
                     - split: test\n    path:\n    - \"a b.csv\"\n    - 'b.csv' # why\n\n- config_name: en\n  \
                     default: true\n  data_dir: /en/\n";
        let found = read(block).unwrap();
        let default = Config {
            name: "default".to_owned(),
            splits: splits(&[("train", &["data/train-*"]), ("test", &["a b.csv", "b.csv"])]),
            ..Config::default()
        };
        let en = Config {
            name: "en".to_owned(),
            is_default: true,
            folder: Some("en".to_owned()),
            splits: Vec::new(),
        };
        assert_eq!(found, [default, en]);
    }

    #[test]
    fn deeper_indents_and_lists_in_brackets_are_equivalent() {
        let block = "configs:\n  - config_name: a\n    data_files:\n      - split: train\n        path: [x.csv, \"*.csv\"]\n  \
                     -\n    config_name: b\n    data_files: \"b/*.jsonl\"\n  - config_name: c\n    data_files: [c.csv]\n    sep: \"\\t\"\n";
        assert_eq!(read(block), None, "an escape is not understood");
        let found = read(&block.replace("    sep: \"\\t\"\n", "")).unwrap();
        assert_eq!(found[0].splits, splits(&[("train", &["x.csv", "*.csv"])]));
        assert_eq!(found[1].splits, splits(&[("train", &["b/*.jsonl"])]));
        assert_eq!(found[2].splits, splits(&[("train", &["c.csv"])]));
    }

    #[test]
    fn unsupported_yaml_is_ignored() {
        for block in [
            "",
            "configs:\n",
            "configs: []\n",
            "configs:\n- config_name: &a x\n",
            "configs:\n- {config_name: a}\n",
            "configs:\n- config_name: |\n    a\n",
            "configs:\n- data_files: a.csv\n",
            "configs:\n- config_name: a\n  data_files:\n    train: a.csv\n",
            "configs:\n- config_name: a\n  data_files: [a.csv,\n    b.csv]\n",
            "configs:\n- config_name: a\n  data_files: *.csv\n",
            "configs:\n- config_name: a\n     data_files: a.csv\n",
            "configs:\n\t- config_name: a\n",
        ] {
            assert_eq!(read(block), None, "{block}");
        }
        assert_eq!(configs("# Card\n---\nconfigs:\n- config_name: a\n---\n"), None);
        assert_eq!(configs(""), None);
    }

    #[test]
    fn a_deeply_nested_card_is_ignored() {
        assert_eq!(read(&format!("configs:\n{}a\n", "- ".repeat(100_000))), None);
    }
}
