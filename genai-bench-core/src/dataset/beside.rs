//! Columns beside the prompt or the conversation: inputs, contexts, system prompts, histories and tools.

use std::sync::Arc;

use super::conversation::{TextSpeakers, Utterance, conversation_of};
use super::error::DatasetError;
use super::left_out::Change;
use super::record::Record;
use super::row::{Cell, Row};
use super::template::text_of;
use super::text_cell::{begins_as_list_or_object, parse};
use super::tools::definitions;
use crate::request::Role;

/// The names of columns that hold a system prompt.
const SYSTEM: [&str; 3] = ["system", "system_prompt", "system_message"];
/// The names of columns that hold definitions of tools.
const TOOLS: [&str; 2] = ["tools", "functions"];
/// The name of the column of messages before the prompt.
const HISTORY: &str = "history";
/// The name of the column of the input of an instruction.
const INPUT: &str = "input";
/// The name of the column of the context of an instruction or a question.
const CONTEXT: &str = "context";

/// Appends the input and the context of an instruction, or the context of a question, to the prompt.
pub(super) fn add_input(row: &Row, column: &str, record: &mut Record) -> Result<(), DatasetError> {
    let names: &[&str] = match column {
        "instruction" => &[INPUT, CONTEXT],
        "question" => &[CONTEXT],
        _ => &[],
    };
    for name in names {
        let (Some(prompt), Some(cell)) = (&record.prompt, row.get(name)) else { continue };
        match cell {
            Cell::List(_) | Cell::Struct(_) if *name == CONTEXT => record.changes.add(Change::UnreadColumn),
            cell => {
                if let Some(text) = text_of(row, name, cell)? {
                    record.prompt = Some(format!("{prompt}\n\n{text}").into());
                }
            }
        }
    }
    Ok(())
}

/// Adds the system prompt, the history and the definitions of tools of a row to its record. A prompt with one of these
/// becomes a conversation.
pub(super) fn add(row: &Row, record: &mut Record) -> Result<(), DatasetError> {
    add_tools(row, record)?;
    let history = history(row, record)?;
    let system = SYSTEM.iter().find_map(|name| match row.get(name) {
        Some(Cell::Text(text)) if !text.trim().is_empty() => Some(Arc::clone(text)),
        _ => None,
    });
    if record.conversation.is_empty() {
        let Some(prompt) = record.prompt.clone() else { return Ok(()) };
        if history.is_empty() && system.is_none() && record.tools.is_empty() {
            return Ok(());
        }
        record.conversation = history;
        record.conversation.push(Utterance::new(Role::User, prompt));
    } else if !history.is_empty() {
        record.changes.add(Change::UnreadColumn);
    }
    if let Some(system) = system {
        add_system(&system, record);
    }
    Ok(())
}

fn add_system(system: &Arc<str>, record: &mut Record) {
    match record.conversation.iter().find(|utterance| utterance.speaker == Role::System) {
        None => record.conversation.insert(0, Utterance::new(Role::System, Arc::clone(system))),
        Some(own) if own.text.trim() == system.trim() => {}
        Some(_) => record.changes.add(Change::UnusedSystem),
    }
}

fn add_tools(row: &Row, record: &mut Record) -> Result<(), DatasetError> {
    for column in TOOLS {
        let Some(cell) = row.get(column) else { continue };
        match definitions(cell).map_err(|problem| row.malformed(format!("column '{column}': {problem}")))? {
            Some(tools) if record.tools.is_empty() => record.tools = tools.into(),
            Some(tools) if tools.is_empty() => {}
            _ => record.changes.add(Change::UnreadColumn),
        }
    }
    Ok(())
}

/// Reads the messages before the prompt: messages, or pairs of a question and an answer.
fn history(row: &Row, record: &mut Record) -> Result<Vec<Utterance>, DatasetError> {
    parse_history(row, record).map_err(|problem| row.malformed(format!("column '{HISTORY}': {problem}")))
}

fn parse_history(row: &Row, record: &mut Record) -> Result<Vec<Utterance>, String> {
    let parsed = match row.get(HISTORY) {
        Some(Cell::Text(text)) if begins_as_list_or_object(text) => Some(parse(text)?.cell),
        _ => None,
    };
    match parsed.as_ref().or(row.get(HISTORY)) {
        None | Some(Cell::Null) => Ok(Vec::new()),
        Some(Cell::Text(text)) if text.trim().is_empty() => Ok(Vec::new()),
        Some(Cell::List(items)) if items.is_empty() => Ok(Vec::new()),
        Some(Cell::List(items)) if items.iter().all(|item| matches!(item, Cell::Struct(_))) => {
            conversation_of(items, TextSpeakers::User, row, record)
        }
        Some(Cell::List(items)) if items.iter().all(is_pair) => {
            let texts: Vec<Cell> = items.iter().flat_map(texts_of_pair).collect();
            conversation_of(&texts, TextSpeakers::Alternating, row, record)
        }
        Some(_) => {
            record.changes.add(Change::UnreadColumn);
            Ok(Vec::new())
        }
    }
}

fn is_pair(item: &Cell) -> bool {
    let Cell::List(pair) = item else { return false };
    pair.len() == 2 && pair.iter().all(|cell| matches!(cell, Cell::Text(_) | Cell::Null))
}

/// Returns the question and the answer of a pair. A missing one is an empty text, so that the speakers still alternate.
fn texts_of_pair(item: &Cell) -> Vec<Cell> {
    let Cell::List(pair) = item else { return Vec::new() };
    pair.iter().map(|cell| if *cell == Cell::Null { Cell::Text("".into()) } else { cell.clone() }).collect()
}
