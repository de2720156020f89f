//! Which columns of a row are what.

use super::conversation::{COLUMNS as CONVERSATION, conversation_of};
use super::error::DatasetError;
use super::image::images_of;
use super::record::Record;
use super::row::{Cell, Row};
use super::template::{Prompt, text_of};

/// The names of columns that hold a prompt. The first that there is is taken.
const PROMPT: [&str; 4] = ["prompt", "text", "question", "instruction"];
/// The name of a column that belongs to an instruction.
const INSTRUCTION_INPUT: &str = "input";
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
/// let record = mapping.record(&row)?.unwrap();
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
}

impl Mapping {
    /// What a row asks. Nothing where it asks nothing: its prompt is blank, or it has no image where there is a
    /// column of images.
    ///
    /// # Errors
    ///
    /// When a column that was named is not there or holds something else, or none was named and none is known.
    pub fn record(&self, row: &Row) -> Result<Option<Record>, DatasetError> {
        let mut record = Record::default();
        let images = match &self.images {
            Some(column) => Some((&**column, row.required(column)?)),
            None => first_of(row, &IMAGE),
        };
        if let Some((column, cell)) = images {
            images_of(cell, row.folder(), &mut record.images)
                .map_err(|it| row.malformed(format!("column '{column}': {it}")))?;
        }
        match &self.prompt {
            Some(Prompt::Column(column)) => ask(row, column, row.required(column)?, &mut record)?,
            Some(Prompt::Template(template)) => record.prompt = template.render(row)?,
            None => discover(row, &mut record, images.is_some())?,
        }
        record.output_tokens = self.output_tokens(row)?;
        if record.prompt.is_none() {
            record.prompt = record.first_question();
        }
        let asks = record.prompt.is_some() || !record.images.is_empty();
        let shows = self.images.is_none() || !record.images.is_empty();
        Ok((asks && shows).then_some(record))
    }

    fn output_tokens(&self, row: &Row) -> Result<Option<u64>, DatasetError> {
        let Some(column) = &self.output_tokens else {
            return Ok(first_of(row, &OUTPUT).and_then(|it| it.1.whole()));
        };
        match row.required(column)? {
            Cell::Null => Ok(None),
            cell => match cell.whole() {
                Some(tokens) => Ok(Some(tokens)),
                None => Err(row
                    .malformed(format!("column '{column}' holds {cell:?}, where a whole number is wanted"))),
            },
        }
    }
}

/// The first of these columns that the row has.
fn first_of<'a>(row: &'a Row, names: &[&'static str]) -> Option<(&'static str, &'a Cell)> {
    names.iter().find_map(|name| row.get(name).map(|cell| (*name, cell)))
}

/// Takes the prompt, or the conversation, that stands in a column.
fn ask(row: &Row, column: &str, cell: &Cell, record: &mut Record) -> Result<(), DatasetError> {
    if let Cell::List(items) = cell {
        record.conversation = conversation_of(items, row.folder(), &mut record.images)
            .map_err(|it| row.malformed(format!("column '{column}': {it}")))?;
    } else {
        record.prompt = text_of(row, column, cell)?;
    }
    Ok(())
}

/// Finds out what a row asks by the names of its columns.
fn discover(row: &Row, record: &mut Record, has_images: bool) -> Result<(), DatasetError> {
    let conversation = first_of(row, &CONVERSATION).filter(|it| matches!(it.1, Cell::List(_)));
    if let Some((column, cell)) = conversation {
        ask(row, column, cell, record)?;
    }
    match (first_of(row, &PROMPT), row.cells.as_slice()) {
        // A preference dataset may hold the same conversation as its prompt too.
        (Some((_, Cell::List(_))), _) if conversation.is_some() => Ok(()),
        (Some((column, cell)), _) => {
            ask(row, column, cell, record)?;
            if column == "instruction" {
                add_input(row, record)?;
            }
            Ok(())
        }
        (None, _) if has_images || conversation.is_some() => Ok(()),
        // Null, where a conversation would be.
        (None, _) if first_of(row, &CONVERSATION).is_some_and(|it| *it.1 == Cell::Null) => Ok(()),
        (None, [(column, cell)]) => ask(row, column, cell, record),
        (None, _) => {
            let names = [&PROMPT[..], &CONVERSATION, &IMAGE].concat();
            let message = format!(
                "which column is the prompt? None is called {}; there are: {}. Name one as prompt_column",
                names.join(", "),
                row.names().join(", ")
            );
            Err(row.malformed(message))
        }
    }
}

/// Puts the input of an instruction after it.
fn add_input(row: &Row, record: &mut Record) -> Result<(), DatasetError> {
    let Some(input) = row.get(INSTRUCTION_INPUT) else { return Ok(()) };
    if let (Some(instruction), Some(input)) = (&record.prompt, text_of(row, INSTRUCTION_INPUT, input)?) {
        record.prompt = Some(format!("{instruction}\n\n{input}").into());
    }
    Ok(())
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
        let record = Mapping::default().record(&row(json)).unwrap();
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
            (r#"{"id":1,"turns":["first","second"]}"#, Some("first\n\nsecond")),
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
        let record = mapping(Some("a"), None, Some("n")).record(&row).unwrap().unwrap();
        assert_eq!((record.prompt.as_deref(), record.output_tokens), (Some("x"), Some(12)));
    }

    #[test]
    fn a_row_without_an_image_is_left_out_where_images_are_asked_for() {
        let mapping = Mapping { images: Some("picture".into()), ..Mapping::default() };
        assert_eq!(mapping.record(&row(r#"{"prompt":"a","picture":null}"#)).unwrap(), None);
        assert!(Mapping::default().record(&row(r#"{"prompt":"a","image":null}"#)).unwrap().is_some());
    }
}
