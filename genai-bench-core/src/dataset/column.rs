//! Reading of the prompt or the conversation of a column.

use super::conversation::{COLUMNS as CONVERSATION, TextSpeakers, conversation_of};
use super::error::DatasetError;
use super::left_out::{Change, LeftOut};
use super::record::Record;
use super::row::{Cell, Row};
use super::template::text_of;
use super::text_cell::{begins_as_list_or_object, begins_as_messages, parse};

/// Returns the first of these columns that the row has.
pub(super) fn first_of<'a>(row: &'a Row, names: &[&'static str]) -> Option<(&'static str, &'a Cell)> {
    names.iter().find_map(|name| row.get(name).map(|cell| (*name, cell)))
}

/// Reads the prompt or the conversation of a column into `record`. Returns the reason if there is none.
pub(super) fn read_prompt(
    row: &Row,
    column: &str,
    cell: &Cell,
    record: &mut Record,
) -> Result<Option<LeftOut>, DatasetError> {
    let parsed = parsed(row, column, cell, record)?;
    let cell = parsed.as_ref().unwrap_or(cell);
    // The list may be in an object: `{"messages": [...]}`.
    let inner = match cell {
        Cell::Struct(_) => CONVERSATION.iter().find_map(|name| cell.get(name)),
        _ => None,
    };
    if let Cell::List(items) = inner.unwrap_or(cell) {
        let texts = if column == "data" { TextSpeakers::Alternating } else { TextSpeakers::User };
        record.conversation = conversation_of(items, texts, row, record)
            .map_err(|problem| row.malformed(format!("column '{column}': {problem}")))?;
        return Ok(record.conversation.is_empty().then_some(LeftOut::NoQuestion));
    }
    record.prompt = text_of(row, column, cell)?;
    Ok(match (cell, &record.prompt) {
        (_, Some(_)) => None,
        (Cell::Null, None) => Some(LeftOut::NullPrompt),
        (_, None) => Some(LeftOut::BlankPrompt),
    })
}

/// Parses a list or an object that a column holds as text. `None` where the text is a prompt.
fn parsed(row: &Row, column: &str, cell: &Cell, record: &mut Record) -> Result<Option<Cell>, DatasetError> {
    let Cell::Text(text) = cell else { return Ok(None) };
    let is_conversation_column = CONVERSATION.contains(&column);
    let is_parsed =
        if is_conversation_column { begins_as_list_or_object(text) } else { begins_as_messages(text) };
    if !is_parsed {
        return Ok(None);
    }
    let parsed = parse(text).map_err(|problem| {
        row.malformed(format!("column '{column}' holds a text that begins as messages, but is {problem}"))
    })?;
    if parsed.is_python || !is_conversation_column {
        record.changes.add(Change::ReadAsConversation);
    }
    Ok(Some(parsed.cell))
}
