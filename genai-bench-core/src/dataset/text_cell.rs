//! Parsing of lists and objects that a cell holds as text.

use super::python_literal;
use super::row::Cell;

/// The members by which an object is recognized as a message.
const OF_MESSAGES: [&str; 4] = ["role", "from", "content", "value"];

/// A list or an object that was parsed from text.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) cell: Cell,
    /// `true` if the text is a Python literal, not JSON.
    pub(super) is_python: bool,
}

/// Returns `true` if a text begins as a list or an object.
pub(super) fn begins_as_list_or_object(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{'])
}

/// Returns `true` if a text begins as a list of messages, such as `[{"role": `.
pub(super) fn begins_as_messages(text: &str) -> bool {
    let list = text.trim_start().strip_prefix('[');
    let Some(object) = list.and_then(|list| list.trim_start().strip_prefix('{')) else { return false };
    let member = object.trim_start();
    ['"', '\''].iter().any(|quote| {
        let name = member.strip_prefix(*quote).and_then(|rest| rest.split_once(*quote));
        name.is_some_and(|(name, rest)| OF_MESSAGES.contains(&name) && rest.trim_start().starts_with(':'))
    })
}

/// Parses JSON, or a Python literal as pandas writes it into a table.
///
/// # Errors
///
/// The problems of both, if the text is neither.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    match serde_json::from_str(text) {
        Ok(cell) => Ok(Parsed { cell, is_python: false }),
        Err(json) => match python_literal::parse(text.trim()) {
            Ok(cell) => Ok(Parsed { cell, is_python: true }),
            Err(python) => Err(format!("neither JSON ({json}) nor a Python literal ({python})")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_messages_are_recognized() {
        for (text, expected) in [
            (r#"[{"role": "user"}]"#, true),
            (" [ {'from' : 'human'}]", true),
            (r#"[{"x": 1}]"#, false),
            (r#"["role", 1]"#, false),
            (r#"[{"role"}]"#, false),
            ("[role] of the user", false),
        ] {
            assert_eq!(begins_as_messages(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_problems_of_json_and_python() {
        assert!(parse("[1, null]").is_ok_and(|parsed| !parsed.is_python));
        assert!(parse("[1, None]").is_ok_and(|parsed| parsed.is_python));
        let error = parse("[1, nothing]").unwrap_err();
        assert!(error.contains("neither JSON (") && error.contains("nor a Python literal ("), "{error}");
    }
}
