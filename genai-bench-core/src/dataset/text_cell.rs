//! Lists and objects that a table holds as text.

use super::python_literal;
use super::row::Cell;

/// The members by which the first object of a text is known to be a message.
const OF_MESSAGES: [&str; 4] = ["role", "from", "content", "value"];

/// A list or an object that was read from text.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) cell: Cell,
    /// `true` where the text is no JSON but a Python literal.
    pub(super) is_python: bool,
}

/// Returns whether a text begins as a list or an object.
pub(super) fn begins_as_list_or_object(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{'])
}

/// Returns whether a text begins as a list of messages, such as `[{"role": `.
pub(super) fn begins_as_messages(text: &str) -> bool {
    let inside = |text: &'_ str, open: char| text.trim_start().strip_prefix(open).map(str::to_owned);
    let Some(member) = inside(text, '[').and_then(|rest| inside(&rest, '{')) else { return false };
    let member = member.trim_start();
    ['"', '\''].iter().any(|quote| {
        let name = member.strip_prefix(*quote).and_then(|rest| rest.split_once(*quote));
        name.is_some_and(|(name, rest)| OF_MESSAGES.contains(&name) && rest.trim_start().starts_with(':'))
    })
}

/// Reads JSON, or a Python literal such as pandas writes into a table.
///
/// # Errors
///
/// When the text is neither: what is wrong in each.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    match serde_json::from_str(text) {
        Ok(cell) => Ok(Parsed { cell, is_python: false }),
        Err(json) => match python_literal::parse(text.trim()) {
            Ok(cell) => Ok(Parsed { cell, is_python: true }),
            Err(python) => Err(format!("no JSON ({json}) and no Python literal ({python})")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_of_messages_begins_as_one() {
        for (text, wanted) in [
            (r#"[{"role": "user"}]"#, true),
            (" [ {'from' : 'human'}]", true),
            (r#"[{"x": 1}]"#, false),
            (r#"["role", 1]"#, false),
            (r#"[{"role"}]"#, false),
            ("[role] of the user", false),
        ] {
            assert_eq!(begins_as_messages(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_neither_json_nor_python_is_named_as_both() {
        assert!(parse("[1, null]").is_ok_and(|parsed| !parsed.is_python));
        assert!(parse("[1, None]").is_ok_and(|parsed| parsed.is_python));
        let error = parse("[1, nothing]").unwrap_err();
        assert!(error.contains("no JSON") && error.contains("no Python literal"), "{error}");
    }
}
