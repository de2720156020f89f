//! Which columns of a row are what.

use std::path::PathBuf;

use super::beside;
use super::column::{ask, first_of};
use super::conversation::COLUMNS as CONVERSATION;
use super::error::DatasetError;
use super::image::images_of;
use super::left_out::{Change, LeftOut};
use super::picture_place;
use super::record::Record;
use super::row::{Cell, Row};
use super::template::{Prompt, text_of};
use super::text_cell::begins_as_list_or_object;

/// The names of columns that hold a prompt. The first that there is is taken.
const PROMPT: [&str; 5] = ["prompt", "text", "question", "instruction", "query"];
/// The name of a column that holds a conversation where it is a list of texts.
const ALTERNATING: &str = "data";
/// The names of columns that hold images.
const IMAGE: [&str; 4] = ["image", "images", "image_url", "image_urls"];
/// The names of columns that hold the length of an answer, in tokens.
const OUTPUT: [&str; 3] = ["output_tokens", "output_length", "output_len"];

/// Which columns are what. What is not said is found by its name: see [the table](super).
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
    /// Where prompts come from.
    pub prompt: Option<Prompt>,
    /// The column of images.
    pub images: Option<String>,
    /// The column of the lengths of answers, in tokens.
    pub output_tokens: Option<String>,
    /// The choice to leave out rows in which a field of the template is empty.
    pub leaves_out_empty_fields: bool,
    /// Whether rows with definitions, calls or results of tools are left out.
    pub leaves_out_tools: bool,
    /// The folders whose pictures rows may name besides those of the dataset's own folder.
    pub picture_folders: Vec<PathBuf>,
}

/// A row as a mapping reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowReading {
    /// What it asks.
    Record(Box<Record>),
    /// It is left out.
    LeftOut(LeftOut),
}

impl RowReading {
    /// Returns what the row asks. Nothing where it is left out.
    #[must_use]
    pub fn record(self) -> Option<Record> {
        match self {
            Self::Record(record) => Some(*record),
            Self::LeftOut(_) => None,
        }
    }
}

impl Mapping {
    /// Returns what a row asks, or why it asks nothing: its prompt is blank, or it has no image where there is a
    /// column of images.
    ///
    /// # Errors
    ///
    /// When a column that was named is not there or holds something else, or none was named and none is known.
    pub fn record(&self, row: &Row) -> Result<RowReading, DatasetError> {
        let mut record = Record::default();
        let images = match &self.images {
            Some(column) => Some((&**column, row.required(column)?)),
            None => first_of(row, &IMAGE),
        };
        if let Some((column, cell)) = images {
            images_of(cell, row.folder(), &mut record.images)
                .map_err(|it| row.malformed(format!("column '{column}': {it}")))?;
        }
        let without_prompt = match &self.prompt {
            Some(Prompt::Column(column)) => {
                let reason = ask(row, column, row.required(column)?, &mut record)?;
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

    /// Returns why a row is left out, if it is; `without_prompt` is the reason why it has no prompt.
    fn reason_to_leave_out(&self, record: &Record, without_prompt: Option<LeftOut>) -> Option<LeftOut> {
        if record.prompt.is_none() && record.images.is_empty() {
            return Some(without_prompt.unwrap_or(LeftOut::BlankPrompt));
        }
        if self.images.is_some() && record.images.is_empty() {
            return Some(LeftOut::NoImage);
        }
        (self.leaves_out_tools && record.uses_tools()).then_some(LeftOut::Tools)
    }

    fn set_output_tokens(&self, row: &Row, record: &mut Record) -> Result<(), DatasetError> {
        let (column, cell) = match &self.output_tokens {
            Some(column) => (&**column, Some(row.required(column)?)),
            None => first_of(row, &OUTPUT).map_or(("", None), |(column, cell)| (column, Some(cell))),
        };
        let cell = cell.filter(|cell| !matches!(cell, Cell::Null));
        record.output_tokens = cell.and_then(Cell::whole);
        let is_blank = |cell: &Cell| matches!(cell, Cell::Text(text) if text.trim().is_empty());
        match cell {
            Some(cell) if record.output_tokens.is_none() && self.output_tokens.is_some() => {
                return Err(row
                    .malformed(format!("column '{column}' holds {cell:?}, where a whole number is wanted")));
            }
            Some(cell) if record.output_tokens.is_none() && !is_blank(cell) => {
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
    let holds_one = |cell: &Cell| match cell {
        Cell::List(_) => true,
        Cell::Struct(_) => CONVERSATION.iter().any(|name| matches!(cell.get(name), Some(Cell::List(_)))),
        Cell::Text(text) => begins_as_list_or_object(text),
        _ => false,
    };
    let is_list_of_texts = |cell: &Cell| matches!(cell, Cell::List(items) if !items.is_empty() && items.iter().all(|it| matches!(it, Cell::Text(_))));
    let named = CONVERSATION.iter().find_map(|name| Some((*name, row.get(name).filter(|it| holds_one(it))?)));
    named.or_else(|| {
        row.get(ALTERNATING).filter(|cell| is_list_of_texts(cell)).map(|cell| (ALTERNATING, cell))
    })
}

/// Finds out what a row asks by the names of its columns. Returns the reason why it has no prompt.
fn discover(row: &Row, record: &mut Record, has_images: bool) -> Result<Option<LeftOut>, DatasetError> {
    let conversation = conversation_column(row);
    let mut reason = match conversation {
        Some((column, cell)) => ask(row, column, cell, record)?,
        None => None,
    };
    match (first_of(row, &PROMPT), row.cells.as_slice()) {
        // A preference dataset may hold the same conversation as its prompt too.
        (Some((_, Cell::List(_))), _) if conversation.is_some() => {}
        (Some((column, cell)), _) => {
            let of_prompt = ask_beside(row, column, cell, record)?;
            reason = reason.or(of_prompt);
        }
        (None, _) if has_images || conversation.is_some() => {}
        // Null or blank, where a conversation would be.
        (None, _) if first_of(row, &CONVERSATION).is_some_and(|it| is_empty(it.1)) => {
            reason = Some(LeftOut::NoQuestion);
        }
        (None, [(column, cell)]) => reason = ask(row, column, cell, record)?,
        (None, _) => return Err(row.malformed(no_prompt_column(row))),
    }
    beside::add(row, record)?;
    Ok(reason)
}

/// Takes the prompt that stands in a column, with what belongs to it. A text beside a conversation is the prompt of
/// tasks without conversations.
fn ask_beside(
    row: &Row,
    column: &str,
    cell: &Cell,
    record: &mut Record,
) -> Result<Option<LeftOut>, DatasetError> {
    let reason = if record.conversation.is_empty() {
        ask(row, column, cell, record)?
    } else {
        record.prompt = text_of(row, column, cell)?;
        None
    };
    if record.prompt.is_some() {
        beside::add_input(row, column, record)?;
    }
    Ok(reason)
}

fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn no_prompt_column(row: &Row) -> String {
    if let Some((column, Cell::Text(_))) = first_of(row, &CONVERSATION) {
        return format!(
            "column '{column}' holds text that is no list of messages: name it as prompt_column if it is the prompt"
        );
    }
    let names = [&PROMPT[..], &CONVERSATION, &IMAGE].concat();
    format!(
        "which column is the prompt? None is called {}; there are: {}. Name one as prompt_column",
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
        record.and_then(|it| it.prompt).map(|it| it.to_string())
    }

    #[test]
    fn sensible_columns_are_found_by_their_names() {
        for (json, wanted) in [
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
            assert_eq!(prompt(json).as_deref(), wanted, "{json}");
        }
    }

    #[test]
    fn a_row_without_a_known_column_is_an_error_that_lists_those_it_has() {
        let error = Mapping::default().record(&row(r#"{"foo":1,"bar":2}"#)).unwrap_err().to_string();
        assert!(error.starts_with("a.jsonl line 3: which column is the prompt?"), "{error}");
        assert!(error.contains("there are: foo, bar. Name one as prompt_column"), "{error}");
    }

    #[test]
    fn a_column_that_was_named_must_be_there_and_hold_what_is_wanted() {
        let mapping = |prompt: Option<&str>, images: Option<&str>, output: Option<&str>| Mapping {
            prompt: prompt.map(|it| it.parse().unwrap()),
            images: images.map(str::to_owned),
            output_tokens: output.map(str::to_owned),
            ..Mapping::default()
        };
        let row = row(r#"{"a":"x","b":{"c":1},"n":"12"}"#);
        let error = |it: Mapping| it.record(&row).unwrap_err().to_string();
        assert_eq!(
            error(mapping(Some("q"), None, None)),
            "a.jsonl line 3: no column 'q'; there are: a, b, n"
        );
        assert_eq!(
            error(mapping(Some("a"), Some("q"), None)),
            "a.jsonl line 3: no column 'q'; there are: a, b, n"
        );
        assert!(error(mapping(Some("b"), None, None)).contains("column 'b' holds an object"));
        assert!(
            error(mapping(Some("a"), Some("b"), None)).contains("column 'b': an object is an image only")
        );
        assert!(error(mapping(Some("a"), None, Some("a"))).contains("whole number"));
        let record = mapping(Some("a"), None, Some("n")).record(&row).unwrap().record().unwrap();
        assert_eq!((record.prompt.as_deref(), record.output_tokens), (Some("x"), Some(12)));
    }

    #[test]
    fn a_row_without_an_image_is_left_out_where_images_are_asked_for() {
        let mapping = Mapping { images: Some("picture".into()), ..Mapping::default() };
        let reading = mapping.record(&row(r#"{"prompt":"a","picture":null}"#)).unwrap();
        assert_eq!(reading, RowReading::LeftOut(LeftOut::NoImage));
        let reading = Mapping::default().record(&row(r#"{"prompt":"a","image":null}"#)).unwrap();
        assert!(reading.record().is_some());
    }
}
