//! Parsing of one message of a conversation from a cell.

use std::path::Path;
use std::sync::Arc;

use super::image::{ImageSource, images_of};
use super::record::Record;
use super::row::{Cell, Row};
use super::tools::{self, WrittenCall};
use crate::request::Role;

/// The members of a message that hold calls of tools.
const CALLS: [&str; 2] = ["tool_calls", "function_call"];
/// The members of objects that hold a question and its answer.
const PAIRS: [[&str; 2]; 4] =
    [["input", "output"], ["human", "assistant"], ["user", "assistant"], ["question", "answer"]];

/// A message as it is in the cell.
#[derive(Debug)]
pub(super) struct ParsedMessage {
    pub(super) speaker: Role,
    pub(super) text: String,
    pub(super) calls: Vec<WrittenCall>,
    /// The id of the call that the text is the result of, where the message has it.
    pub(super) result_of: Option<Arc<str>>,
    /// `true` if the message has images.
    pub(super) has_images: bool,
    /// `true` if the message is a call of a tool in an unknown form.
    pub(super) is_unread_call: bool,
}

impl ParsedMessage {
    /// Creates a message without calls or images.
    pub(super) fn new(speaker: Role, text: String) -> Self {
        Self { speaker, text, calls: Vec::new(), result_of: None, has_images: false, is_unread_call: false }
    }
}

/// Parses an object that holds a question of the user and its answer. `None` where it is something else.
pub(super) fn parse_pair(item: &Cell) -> Option<[ParsedMessage; 2]> {
    if first(item, &["role", "from"]).is_some() {
        return None;
    }
    PAIRS.iter().find_map(|[question, answer]| {
        let (question, answer) = (text_or_null(item, question)?, text_or_null(item, answer)?);
        Some([ParsedMessage::new(Role::User, question), ParsedMessage::new(Role::Assistant, answer)])
    })
}

/// Returns the text of a member, which is empty if the member is null; `None` for anything else.
fn text_or_null(item: &Cell, name: &str) -> Option<String> {
    match item.get(name)? {
        Cell::Text(text) => Some(text.to_string()),
        Cell::Null => Some(String::new()),
        _ => None,
    }
}

/// Parses one message. Plain text is a message of the user.
///
/// # Errors
///
/// The problem, if the message has no known role or no content that can be read.
pub(super) fn parse_message(item: &Cell, row: &Row, record: &mut Record) -> Result<ParsedMessage, String> {
    if let Cell::Text(text) = item {
        return Ok(ParsedMessage::new(Role::User, text.to_string()));
    }
    let folder = row.folder();
    let Some(Cell::Text(name)) = first(item, &["role", "from"]) else {
        return Err(format!("a message of a conversation must have a `role` or `from`: {}", short(item)));
    };
    let (speaker, is_call) = speaker(name).ok_or_else(|| {
        format!("unknown role '{name}' in a conversation: it must be user, assistant, system or tool")
    })?;
    let mut message = ParsedMessage::new(speaker, String::new());
    let images = record.images.len();
    match first(item, &["content", "value", "text"]) {
        Some(call) if is_call => match tools::calls(call, row.is_padded()) {
            Some(calls) => message.calls = calls,
            None => {
                message.is_unread_call = true;
                add_content(call, folder, &mut message.text, &mut record.images)?;
            }
        },
        Some(result @ Cell::Struct(_)) if speaker == Role::Tool => {
            message.text = tools::json(result).map(|json| json.to_string()).unwrap_or_default();
        }
        Some(content) => add_content(content, folder, &mut message.text, &mut record.images)?,
        None if CALLS.iter().any(|name| item.get(name).is_some()) => {}
        None => return Err(format!("a message must have a `content` or `value`: {}", short(item))),
    }
    message.has_images = record.images.len() > images;
    add_calls(item, row, &mut message)?;
    message.result_of =
        item.get("tool_call_id").and_then(|id| id.text().ok().flatten()).filter(|id| !id.is_empty());
    Ok(message)
}

/// Adds the calls that are in members of their own.
fn add_calls(item: &Cell, row: &Row, message: &mut ParsedMessage) -> Result<(), String> {
    for name in CALLS {
        let Some(cell) = item.get(name).filter(|cell| is_given(cell)) else { continue };
        let calls = tools::calls(cell, row.is_padded()).ok_or_else(|| {
            format!("`{name}` of a message is no call with a `name` and `arguments`: {}", short(cell))
        })?;
        message.calls.extend(calls);
    }
    Ok(())
}

/// Returns `true` if a member has a value. In a columnar file every message has the members of a call, which are null where
/// there is none.
fn is_given(cell: &Cell) -> bool {
    match cell {
        Cell::Null => false,
        Cell::Text(text) => !text.trim().is_empty(),
        Cell::Struct(members) => members.iter().any(|(_, member)| *member != Cell::Null),
        _ => true,
    }
}

fn first<'a>(item: &'a Cell, names: &[&str]) -> Option<&'a Cell> {
    names.iter().find_map(|name| item.get(name))
}

/// Returns the role of a speaker's name in published datasets, and `true` if the text of the message is a call of a tool.
fn speaker(name: &str) -> Option<(Role, bool)> {
    match &*name.trim().to_ascii_lowercase() {
        "user" | "human" | "customer" | "prompter" => Some((Role::User, false)),
        "tool" | "function" | "function_response" | "tool_response" | "observation" | "ipython" => {
            Some((Role::Tool, false))
        }
        "assistant" | "gpt" | "chatgpt" | "bing" | "bard" | "model" | "bot" => Some((Role::Assistant, false)),
        "function_call" | "tool_call" => Some((Role::Assistant, true)),
        "system" | "developer" => Some((Role::System, false)),
        _ => None,
    }
}

/// Adds the content of a message, or of each of its parts, to `text` and `images`.
fn add_content(
    content: &Cell,
    folder: &Path,
    text: &mut String,
    images: &mut Vec<ImageSource>,
) -> Result<(), String> {
    let Cell::List(parts) = content else {
        let content = content
            .text()
            .map_err(|kind| format!("the content of a message is {kind}: it must be text or parts"))?;
        add_line(text, content.as_deref().unwrap_or_default());
        return Ok(());
    };
    for part in parts {
        let kind = part.get("type").and_then(|kind| kind.text().ok().flatten());
        let inner =
            ["text", "image_url", "image"].iter().find_map(|name| part.get(name).map(|cell| (*name, cell)));
        match (part, kind.as_deref(), inner) {
            (Cell::Text(content), ..) => add_line(text, content),
            // In a columnar file every part has all members, and most of them are null.
            (_, Some("text") | None, Some(("text", _))) => {
                let content = part.get("text").and_then(|cell| cell.text().ok().flatten());
                add_line(text, content.as_deref().unwrap_or_default());
            }
            (_, Some("image_url" | "image"), _) => {
                let cell = ["image_url", "image"]
                    .iter()
                    .filter_map(|name| part.get(name))
                    .find(|cell| **cell != Cell::Null);
                images_of(cell.unwrap_or(&Cell::Null), folder, images)?;
            }
            _ => return Err(format!("a part of a message must be text or an image: {}", short(part))),
        }
    }
    Ok(())
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// Returns the beginning of a cell, for errors.
fn short(cell: &Cell) -> String {
    let whole = format!("{cell:?}");
    match whole.char_indices().nth(80) {
        Some((end, _)) => format!("{} ...", &whole[..end]),
        None => whole,
    }
}
