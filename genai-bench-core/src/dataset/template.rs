//! Templates of prompts: a column, or a text with columns in it. No code is evaluated.

use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;

use super::conversation::COLUMNS as CONVERSATION;
use super::error::DatasetError;
use super::row::{Cell, Row};

/// The source of prompts in a row.
///
/// ```
/// use genai_bench_core::dataset::Prompt;
///
/// assert_eq!("caption".parse(), Ok(Prompt::Column("caption".into())));
/// assert!(matches!("Describe: {caption}".parse(), Ok(Prompt::Template(_))));
/// let refused = "lambda x: x['caption']".parse::<Prompt>().unwrap_err();
/// assert!(refused.to_string().contains("`{caption}`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum Prompt {
    /// A column, unchanged.
    Column(String),
    /// A text with columns in it.
    Template(Template),
}

/// A text in which `{column}` is replaced by the text of a column. `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    pieces: Vec<Piece>,
}

/// The text of a template for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text.
    pub text: Arc<str>,
    /// `true` if a column of the template is null or blank in the row.
    pub has_empty_field: bool,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Column(String),
}

/// An error of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// A Python expression.
    #[error("prompt_lambda: Python is not supported: write a template instead, such as `{instead}`")]
    Lambda {
        /// A template that is likely to be equivalent.
        instead: String,
    },
    /// A Python expression that selects a message of a conversation.
    #[error(
        "prompt_lambda: Python is not supported: leave it out, and the first message of the user in `{column}` is the prompt"
    )]
    OfConversation {
        /// The column of conversations.
        column: String,
    },
    /// An unmatched brace.
    #[error(
        "prompt_lambda: unmatched `{brace}` at character {at} of `{template}`: write `{brace}{brace}` for a literal brace"
    )]
    Brace {
        /// The brace.
        brace: char,
        /// The position of the brace in characters, from 1.
        at: usize,
        /// The whole text.
        template: String,
    },
}

impl FromStr for Prompt {
    type Err = PromptError;

    /// Parses a column or a template. A word without braces is the name of a column.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim_start().starts_with("lambda") {
            let column = indexed(text).unwrap_or("column");
            if CONVERSATION.contains(&column) {
                return Err(PromptError::OfConversation { column: column.to_owned() });
            }
            return Err(PromptError::Lambda { instead: format!("{{{column}}}") });
        }
        if !text.contains(['{', '}']) && !text.contains(char::is_whitespace) {
            return Ok(Self::Column(text.to_owned()));
        }
        text.parse().map(Self::Template)
    }
}

impl TryFrom<String> for Prompt {
    type Error = PromptError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Returns the column that a Python expression over a row reads: the first quoted text of an index, `x["column"]`, or of a
/// lookup, `x.get("column")`, otherwise the first quoted text.
fn indexed(text: &str) -> Option<&str> {
    ["[\"", "['", "get(\"", "get('", "\"", "'"].iter().find_map(|open| quoted(text, open))
}

/// Returns the text between the first `open` and the next quote.
fn quoted<'a>(text: &'a str, open: &str) -> Option<&'a str> {
    let rest = text.split_once(open)?.1;
    rest.split_once(['"', '\'']).map(|(quoted, _)| quoted).filter(|quoted| !quoted.is_empty())
}

impl FromStr for Template {
    type Err = PromptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unmatched = |brace, at| PromptError::Brace { brace, at: at + 1, template: text.to_owned() };
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut characters = text.chars().enumerate().peekable();
        while let Some((at, character)) = characters.next() {
            let is_doubled =
                characters.next_if(|next| "{}".contains(character) && next.1 == character).is_some();
            match character {
                '{' if !is_doubled => {
                    let mut column = String::new();
                    loop {
                        match characters.next() {
                            Some((_, '}')) => break,
                            Some((_, '{')) | None => return Err(unmatched('{', at)),
                            Some((_, other)) => column.push(other),
                        }
                    }
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    pieces.push(Piece::Column(column.trim().to_owned()));
                }
                '}' if !is_doubled => return Err(unmatched('}', at)),
                other => literal.push(other),
            }
        }
        pieces.push(Piece::Literal(literal));
        pieces.retain(|piece| *piece != Piece::Literal(String::new()));
        Ok(Self { source: text.to_owned(), pieces })
    }
}

impl Template {
    /// Returns the text for a row, in which a null or blank column is an empty text.
    ///
    /// # Errors
    ///
    /// If the row lacks a column, or has a list or an object in it.
    pub fn render(&self, row: &Row) -> Result<Rendered, DatasetError> {
        // The name of a column may have a space in it, and so look like a template.
        if let Some(cell) = row.get(&self.source) {
            let text = text_of(row, &self.source, cell)?;
            return Ok(Rendered { has_empty_field: text.is_none(), text: text.unwrap_or_default() });
        }
        let mut has_empty_field = false;
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Column(column) => match text_of(row, column, row.required(column)?)? {
                    Some(value) => text.push_str(&value),
                    None => has_empty_field = true,
                },
            }
        }
        Ok(Rendered { text: text.into(), has_empty_field })
    }
}

/// Returns the text of a column; `None` where it is null or blank.
pub(super) fn text_of(row: &Row, column: &str, cell: &Cell) -> Result<Option<Arc<str>>, DatasetError> {
    let text = cell
        .text()
        .map_err(|kind| row.malformed(format!("column '{column}' holds {kind}: it must hold text")))?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::super::error::Place;
    use super::super::row::Origin;
    use super::*;

    fn row(cells: &[(&str, &str)]) -> Row {
        let cells = cells.iter().map(|(name, text)| ((*name).into(), Cell::Text((*text).into()))).collect();
        Row { origin: Origin::file("a.csv".as_ref()), place: Place::line(7), cells }
    }

    fn rendered(template: &str, row: &Row) -> (String, bool) {
        let rendered = template.parse::<Template>().unwrap().render(row).unwrap();
        (rendered.text.to_string(), rendered.has_empty_field)
    }

    #[test]
    fn templates_are_rendered_with_columns_and_braces() {
        let row = row(&[("a", "one {b}"), ("b", "two"), ("none", " ")]);
        for (template, expected) in [
            ("{a} and { b }", ("one {b} and two", false)),
            ("{{{b}}} {{}}", ("{two} {}", false)),
            ("Describe this image.", ("Describe this image.", false)),
            ("{a}:{none}!", ("one {b}:!", true)),
        ] {
            assert_eq!(rendered(template, &row), (expected.0.to_owned(), expected.1), "{template}");
        }
    }

    #[test]
    fn an_absent_column_is_an_error_with_those_present() {
        let error = "{c} x".parse::<Template>().unwrap().render(&row(&[("a", "1"), ("b", "2")])).unwrap_err();
        assert_eq!(error.to_string(), "a.csv line 7: no column 'c'; there are: a, b");
    }

    #[test]
    fn an_unmatched_brace_is_an_error_with_its_position() {
        for (wrong, place) in [("a {b", "character 3"), ("a b}", "character 4"), ("{a{b}}", "character 1")] {
            let error = wrong.parse::<Prompt>().unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }

    #[test]
    fn python_is_refused() {
        let error = "lambda x: str(x)".parse::<Prompt>().unwrap_err().to_string();
        assert!(error.contains("`{column}`"), "{error}");
        let documented = "lambda x: x['conversations'][0]['value'] if len(x['conversations']) > 1 else ''";
        let error = documented.parse::<Prompt>().unwrap_err().to_string();
        assert!(error.contains("leave it out") && error.contains("`conversations`"), "{error}");
    }
}
