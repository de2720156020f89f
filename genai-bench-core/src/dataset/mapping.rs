//! The mapping of the columns of a row to the parts of a record.

use std::path::PathBuf;

use super::beside;
use super::column::{first_of, read_prompt};
use super::conversation::COLUMNS as CONVERSATION;
use super::error::DatasetError;
use super::image::images_of;
use super::left_out::{Change, LeftOut};
use super::picture_place;
use super::record::Record;
use super::row::{Cell, Row};
use super::template::{Prompt, text_of};
use super::text_cell::begins_as_list_or_object;

/// The names of columns that hold a prompt, of which the first one present is used.
const PROMPT: [&str; 5] = ["prompt", "text", "question", "instruction", "query"];
/// The name of a column that holds a conversation if it is a list of texts.
const ALTERNATING: &str = "data";
/// The names of columns that hold images.
const IMAGE: [&str; 4] = ["image", "images", "image_url", "image_urls"];
/// The names of columns that hold the length of an answer, in tokens.
const OUTPUT: [&str; 3] = ["output_tokens", "output_length", "output_len"];

/// The columns of prompts, images and lengths. Those that are not named are found by their usual names: see
/// [the table](super).
///
/// ```
/// use genai_bench_core::dataset::{Format, Mapping, Rows};
///
/// let line = r#"{"caption": "a cat", "photo": "https://example.org/cat.jpg"}"#;
/// let mut rows = Rows::read("a.jsonl".as_ref(), Format::Jsonl, move |_| Ok(line.as_bytes()))?;
/// let row = rows.next().unwrap()?;
///
/// let mapping = Mapping {
///     prompt: Some("Draw {caption}.".parse()?),
///     images: Some("photo".into()),
///     ..Mapping::default()
/// };
/// let record = mapping.record(&row)?.record().unwrap();
/// assert_eq!(record.prompt.as_deref(), Some("Draw a cat."));
/// assert_eq!(record.images.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The column or the template of prompts.
    pub prompt: Option<Prompt>,
    /// The column of images.
    pub images: Option<String>,
    /// The column of the lengths of answers, in tokens.
    pub output_tokens: Option<String>,
    /// `true` if rows with an empty field of the template are left out.
    pub leaves_out_empty_fields: bool,
    /// `true` if rows with definitions, calls or results of tools are left out.
    pub leaves_out_tools: bool,
    /// The folders whose images may be sent, besides the folder of the dataset.
    pub picture_folders: Vec<PathBuf>,
}

/// The result of mapping a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowReading {
    /// The content that is sent.
    Record(Box<Record>),
    /// The reason why the row is left out.
    LeftOut(LeftOut),
}

impl RowReading {
    /// Returns the record; `None` if the row is left out.
    #[must_use]
    pub fn record(self) -> Option<Record> {
        match self {
            Self::Record(record) => Some(*record),
            Self::LeftOut(_) => None,
        }
    }
}

impl Mapping {
    /// Returns the record of a row, or the reason why the row is left out: a blank prompt, or no image although a column of
    /// images is named.
    ///
    /// # Errors
    ///
    /// If a named column is absent or has other content, or if no column of prompts is named and none has a usual name.
    pub fn record(&self, row: &Row) -> Result<RowReading, DatasetError> {
        let mut record = Record::default();
        let images = match &self.images {
            Some(column) => Some((&**column, row.required(column)?)),
            None => first_of(row, &IMAGE),
        };
        if let Some((column, cell)) = images {
            images_of(cell, row.folder(), &mut record.images)
                .map_err(|problem| row.malformed(format!("column '{column}': {problem}")))?;
        }
        let without_prompt = match &self.prompt {
            Some(Prompt::Column(column)) => {
                let reason = read_prompt(row, column, row.required(column)?, &mut record)?;
                if !record.conversation.is_empty() {
                    beside::add(row, &mut record)?;
                }
                reason
            }
            Some(Prompt::Template(template)) => {
                let rendered = template.render(row)?;
                if rendered.has_empty_field && self.leaves_out_empty_fields {
                    return Ok(RowReading::LeftOut(LeftOut::EmptyField));
                }
                record.prompt = Some(rendered.text).filter(|text| !text.trim().is_empty());
                None
            }
            None => discover(row, &mut record, images.is_some())?,
        };
        picture_place::check(&record.images, row.folder(), &self.picture_folders)
            .map_err(|problem| row.malformed(problem))?;
        self.set_output_tokens(row, &mut record)?;
        if record.prompt.is_none() {
            record.prompt = record.first_question();
        }
        Ok(match self.reason_to_leave_out(&record, without_prompt) {
            Some(reason) => RowReading::LeftOut(reason),
            None => RowReading::Record(Box::new(record)),
        })
    }

    /// Returns the reason why a row is left out, if it is; `without_prompt` is the reason why it has no prompt.
    fn reason_to_leave_out(&self, record: &Record, without_prompt: Option<LeftOut>) -> Option<LeftOut> {
        if record.prompt.is_none() && record.images.is_empty() {
            return Some(without_prompt.unwrap_or(LeftOut::BlankPrompt));
        }
        if self.images.is_some() && record.images.is_empty() {
            return Some(LeftOut::NoImage);
        }
        (self.leaves_out_tools && record.uses_tools()).then_some(LeftOut::Tools)
    }

    /// Sets the length of the answer of a record.
    fn set_output_tokens(&self, row: &Row, record: &mut Record) -> Result<(), DatasetError> {
        let (column, cell) = match &self.output_tokens {
            Some(column) => (&**column, Some(row.required(column)?)),
            None => first_of(row, &OUTPUT).map_or(("", None), |(column, cell)| (column, Some(cell))),
        };
        let cell = cell.filter(|cell| !matches!(cell, Cell::Null));
        record.output_tokens = cell.and_then(Cell::whole);
        match cell {
            Some(cell) if record.output_tokens.is_none() && self.output_tokens.is_some() => {
                return Err(
                    row.malformed(format!("column '{column}' holds {cell:?}: it must hold whole numbers"))
                );
            }
            Some(cell) if record.output_tokens.is_none() && !is_empty(cell) => {
                record.changes.add(Change::UnreadLength);
            }
            _ if record.output_tokens == Some(0) => record.changes.add(Change::EmptyAnswer),
            _ => {}
        }
        Ok(())
    }
}

/// Returns the column of a conversation, if the row has one.
fn conversation_column(row: &Row) -> Option<(&'static str, &Cell)> {
    let named = CONVERSATION
        .iter()
        .find_map(|name| Some((*name, row.get(name).filter(|cell| may_be_conversation(cell))?)));
    named.or_else(|| {
        row.get(ALTERNATING).filter(|cell| is_list_of_texts(cell)).map(|cell| (ALTERNATING, cell))
    })
}

/// Returns `true` if a cell of a conversation column has the form of one.
fn may_be_conversation(cell: &Cell) -> bool {
    match cell {
        Cell::List(_) => true,
        Cell::Struct(_) => CONVERSATION.iter().any(|name| matches!(cell.get(name), Some(Cell::List(_)))),
        Cell::Text(text) => begins_as_list_or_object(text),
        _ => false,
    }
}

fn is_list_of_texts(cell: &Cell) -> bool {
    let Cell::List(items) = cell else { return false };
    !items.is_empty() && items.iter().all(|item| matches!(item, Cell::Text(_)))
}

/// Reads the content of a row by the usual names of columns. Returns the reason if there is no prompt.
fn discover(row: &Row, record: &mut Record, has_images: bool) -> Result<Option<LeftOut>, DatasetError> {
    let conversation = conversation_column(row);
    let mut reason = match conversation {
        Some((column, cell)) => read_prompt(row, column, cell, record)?,
        None => None,
    };
    match (first_of(row, &PROMPT), row.cells.as_slice()) {
        // Preference datasets may have the same conversation as their prompt too.
        (Some((_, Cell::List(_))), _) if conversation.is_some() => {}
        (Some((column, cell)), _) => {
            let of_prompt = read_prompt_beside(row, column, cell, record)?;
            reason = reason.or(of_prompt);
        }
        (None, _) if has_images || conversation.is_some() => {}
        // A conversation column that is null or blank.
        (None, _) if first_of(row, &CONVERSATION).is_some_and(|(_, cell)| is_empty(cell)) => {
            reason = Some(LeftOut::NoQuestion);
        }
        (None, [(column, cell)]) => reason = read_prompt(row, column, cell, record)?,
        (None, _) => return Err(row.malformed(no_prompt_column(row))),
    }
    beside::add(row, record)?;
    Ok(reason)
}

/// Reads the prompt of a column, with its input and context. Beside a conversation it is the prompt for tasks without
/// conversations. Returns the reason if there is no prompt.
fn read_prompt_beside(
    row: &Row,
    column: &str,
    cell: &Cell,
    record: &mut Record,
) -> Result<Option<LeftOut>, DatasetError> {
    let reason = if record.conversation.is_empty() {
        read_prompt(row, column, cell, record)?
    } else {
        record.prompt = text_of(row, column, cell)?;
        None
    };
    if record.prompt.is_some() {
        beside::add_input(row, column, record)?;
    }
    Ok(reason)
}

/// Returns `true` if a cell is null or blank.
fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Formats the problem of a row without a column of prompts.
fn no_prompt_column(row: &Row) -> String {
    if let Some((column, Cell::Text(_))) = first_of(row, &CONVERSATION) {
        return format!(
            "column '{column}' holds text that is no list of messages: name it as prompt_column if it is the prompt"
        );
    }
    let names = [&PROMPT[..], &CONVERSATION, &IMAGE].concat();
    format!(
        "no column of prompts: none is called {}; there are: {}. Name one as prompt_column",
        names.join(", "),
        row.names().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::error::Place;
    use super::super::row::Origin;
    use super::*;

    fn row(json: &str) -> Row {
        let Cell::Struct(cells) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
        Row { origin: Origin::file("a.jsonl".as_ref()), place: Place::line(3), cells }
    }

    fn prompt(json: &str) -> Option<String> {
        let record = Mapping::default().record(&row(json)).unwrap().record();
        record.and_then(|record| record.prompt).map(|prompt| prompt.to_string())
    }

    #[test]
    fn columns_are_found_by_their_usual_names() {
        for (json, expected) in [
            (r#"{"id":1,"prompt":"a","text":"b"}"#, Some("a")),
            (r#"{"id":1,"text":"b"}"#, Some("b")),
            (r#"{"question":"c","answer":"d"}"#, Some("c")),
            (r#"{"instruction":"do","input":"this","output":"x"}"#, Some("do\n\nthis")),
            (r#"{"instruction":"do","input":"","output":"x"}"#, Some("do")),
            (r#"{"anything":"alone"}"#, Some("alone")),
            (r#"{"id":1,"prompt":7}"#, Some("7")),
            (r#"{"id":1,"prompt":null}"#, None),
            (r#"{"id":1,"prompt":"  "}"#, None),
            (r#"{"id":1,"turns":["first","second"]}"#, Some("first")),
            (r#"{"id":1,"conversations":[{"from":"human","value":"hi"}]}"#, Some("hi")),
            (r#"{"id":1,"conversations":[]}"#, None),
            (r#"{"id":1,"conversations":null}"#, None),
            (r#"{"prompt":[{"role":"user","content":"hi"}],"chosen":1}"#, Some("hi")),
        ] {
            assert_eq!(prompt(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn a_row_without_a_known_column_is_an_error_with_its_columns() {
        let error = Mapping::default().record(&row(r#"{"foo":1,"bar":2}"#)).unwrap_err().to_string();
        assert!(
            error.starts_with("a.jsonl line 3: no column of prompts: none is called prompt, text"),
            "{error}"
        );
        assert!(error.contains("there are: foo, bar. Name one as prompt_column"), "{error}");
    }

    fn mapping(prompt: &str, images: Option<&str>, output: Option<&str>) -> Mapping {
        Mapping {
            prompt: Some(prompt.parse().unwrap()),
            images: images.map(str::to_owned),
            output_tokens: output.map(str::to_owned),
            ..Mapping::default()
        }
    }

    #[test]
    fn named_columns_must_be_present_and_have_the_right_content() {
        let row = row(r#"{"a":"x","b":{"c":1},"n":"12"}"#);
        for (mapping, expected) in [
            (mapping("q", None, None), "a.jsonl line 3: no column 'q'; there are: a, b, n"),
            (mapping("a", Some("q"), None), "a.jsonl line 3: no column 'q'; there are: a, b, n"),
            (mapping("b", None, None), "a.jsonl line 3: column 'b' holds an object"),
            (mapping("a", Some("b"), None), "a.jsonl line 3: column 'b': an object is an image only"),
            (
                mapping("a", None, Some("a")),
                "a.jsonl line 3: column 'a' holds \"x\": it must hold whole number",
            ),
        ] {
            let error = mapping.record(&row).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let record = mapping("a", None, Some("n")).record(&row).unwrap().record().unwrap();
        assert_eq!((record.prompt.as_deref(), record.output_tokens), (Some("x"), Some(12)));
    }

    #[test]
    fn rows_without_images_are_left_out_if_images_are_required() {
        let mapping = Mapping { images: Some("picture".into()), ..Mapping::default() };
        let reading = mapping.record(&row(r#"{"prompt":"a","picture":null}"#)).unwrap();
        assert_eq!(reading, RowReading::LeftOut(LeftOut::NoImage));
        let reading = Mapping::default().record(&row(r#"{"prompt":"a","image":null}"#)).unwrap();
        assert!(reading.record().is_some());
    }
}
