//! How a prompt is made of a row: a column, or a text with columns in it. Nothing is ever evaluated.

use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;

use super::conversation::COLUMNS as CONVERSATION;
use super::error::DatasetError;
use super::row::{Cell, Row};

/// Where prompts come from.
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
    /// A column as it is.
    Column(String),
    /// A text with columns in it.
    Template(Template),
}

/// A text with `{column}` in it, where the row's own text is put. `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    pieces: Vec<Piece>,
}

/// The text that a template makes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text.
    pub text: Arc<str>,
    /// `true` where a column of the template is null or blank in the row.
    pub has_empty_field: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Column(String),
}

/// A text that says nothing of how to make a prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// It is a Python expression.
    #[error("prompt_lambda: Python is not run here: write a template instead, such as `{instead}`")]
    Lambda {
        /// A template that may be what was meant.
        instead: String,
    },
    /// It is a Python expression that takes a message out of a conversation.
    #[error(
        "prompt_lambda: Python is not run here: leave it out, and the first message of the user in `{column}` is the prompt"
    )]
    OfConversation {
        /// The column of conversations.
        column: String,
    },
    /// A brace stands alone.
    #[error(
        "prompt_lambda: a `{brace}` without its other half, at character {at} of `{template}`: a brace that is to be sent is doubled"
    )]
    Brace {
        /// The brace.
        brace: char,
        /// Where it stands, from 1.
        at: usize,
        /// The whole text.
        template: String,
    },
}

impl FromStr for Prompt {
    type Err = PromptError;

    /// A word without braces is a column's name; anything else is a template.
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

/// The first thing in quotes that something is indexed with, `x["column"]`, or asked for, `x.get("column")`: in a
/// Python expression over a row that is its column. Else the first thing in quotes.
fn indexed(text: &str) -> Option<&str> {
    let quoted = |open: &str| {
        let rest = text.split_once(open)?.1;
        rest.split_once(['"', '\'']).map(|it| it.0).filter(|it| !it.is_empty())
    };
    ["[\"", "['", "get(\"", "get('", "\"", "'"].iter().find_map(|it| quoted(it))
}

impl FromStr for Template {
    type Err = PromptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let alone = |brace, at| PromptError::Brace { brace, at: at + 1, template: text.to_owned() };
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut characters = text.chars().enumerate().peekable();
        while let Some((at, character)) = characters.next() {
            let is_doubled = characters.next_if(|it| "{}".contains(character) && it.1 == character).is_some();
            match character {
                '{' if !is_doubled => {
                    let mut column = String::new();
                    loop {
                        match characters.next() {
                            Some((_, '}')) => break,
                            Some((_, '{')) | None => return Err(alone('{', at)),
                            Some((_, other)) => column.push(other),
                        }
                    }
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    pieces.push(Piece::Column(column.trim().to_owned()));
                }
                '}' if !is_doubled => return Err(alone('}', at)),
                other => literal.push(other),
            }
        }
        pieces.push(Piece::Literal(literal));
        pieces.retain(|it| *it != Piece::Literal(String::new()));
        Ok(Self { source: text.to_owned(), pieces })
    }
}

impl Template {
    /// Returns the text for a row, in which an empty column is an empty text.
    ///
    /// # Errors
    ///
    /// When the row has no such column, or a list or an object in it.
    pub fn render(&self, row: &Row) -> Result<Rendered, DatasetError> {
        // A text may well be the name of a column that has a space in it.
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

/// The text of a column. Nothing where it is null or blank.
pub(super) fn text_of(row: &Row, column: &str, cell: &Cell) -> Result<Option<Arc<str>>, DatasetError> {
    let text = cell
        .text()
        .map_err(|it| row.malformed(format!("column '{column}' holds {it}, where text is wanted")))?;
    Ok(text.filter(|it| !it.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::super::error::Place;
    use super::super::row::Origin;
    use super::*;

    fn row(cells: &[(&str, &str)]) -> Row {
        let cells = cells.iter().map(|it| (it.0.into(), Cell::Text(it.1.into()))).collect();
        Row { origin: Origin::file("a.csv".as_ref()), place: Place::line(7), cells }
    }

    fn rendered(template: &str, row: &Row) -> (String, bool) {
        let rendered = template.parse::<Template>().unwrap().render(row).unwrap();
        (rendered.text.to_string(), rendered.has_empty_field)
    }

    #[test]
    fn columns_are_put_in_and_doubled_braces_are_braces() {
        let row = row(&[("a", "one {b}"), ("b", "two"), ("none", " ")]);
        for (template, wanted) in [
            ("{a} and { b }", ("one {b} and two", false)),
            ("{{{b}}} {{}}", ("{two} {}", false)),
            ("Describe this image.", ("Describe this image.", false)),
            ("{a}:{none}!", ("one {b}:!", true)),
        ] {
            assert_eq!(rendered(template, &row), (wanted.0.to_owned(), wanted.1), "{template}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_those_that_are() {
        let error = "{c} x".parse::<Template>().unwrap().render(&row(&[("a", "1"), ("b", "2")])).unwrap_err();
        assert_eq!(error.to_string(), "a.csv line 7: no column 'c'; there are: a, b");
    }

    #[test]
    fn a_brace_that_stands_alone_is_an_error_that_says_where() {
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
