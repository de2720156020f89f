//! One message of a conversation as it stands in a cell.

use std::path::Path;
use std::sync::Arc;

use super::image::{ImageSource, images_of};
use super::record::Record;
use super::row::{Cell, Row};
use super::tools::{self, WrittenCall};
use crate::request::Role;

/// The members of a message that call tools.
const CALLS: [&str; 2] = ["tool_calls", "function_call"];
/// The members of objects that hold a question and its answer.
const PAIRS: [[&str; 2]; 4] =
    [["input", "output"], ["human", "assistant"], ["user", "assistant"], ["question", "answer"]];

/// One message as it was written.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) speaker: Role,
    pub(super) text: String,
    pub(super) calls: Vec<WrittenCall>,
    /// The call that the text is the result of, where the message names it.
    pub(super) result_of: Option<Arc<str>>,
    /// `true` where it has images.
    pub(super) shows: bool,
    /// `true` where it is a call of a tool in a form that is not known.
    pub(super) is_unread_call: bool,
}

impl Said {
    pub(super) fn new(speaker: Role, text: String) -> Self {
        Self { speaker, text, calls: Vec::new(), result_of: None, shows: false, is_unread_call: false }
    }
}

/// Reads an object that holds a question of the user and the answer to it. Nothing where it is something else.
pub(super) fn said_in_pairs(item: &Cell) -> Option<[Said; 2]> {
    if first(item, &["role", "from"]).is_some() {
        return None;
    }
    let text = |name: &str| match item.get(name) {
        Some(Cell::Text(text)) => Some(text.to_string()),
        Some(Cell::Null) => Some(String::new()),
        _ => None,
    };
    PAIRS.iter().find_map(|[question, answer]| {
        let (question, answer) = (text(question)?, text(answer)?);
        Some([Said::new(Role::User, question), Said::new(Role::Assistant, answer)])
    })
}

/// Reads one message. A plain text is the user's.
pub(super) fn said(item: &Cell, row: &Row, record: &mut Record) -> Result<Said, String> {
    if let Cell::Text(text) = item {
        return Ok(Said::new(Role::User, text.to_string()));
    }
    let folder = row.folder();
    let Some(Cell::Text(name)) = first(item, &["role", "from"]) else {
        return Err(format!("in a conversation, every message needs a `role` or `from`: {}", short(item)));
    };
    let (speaker, is_call) = speaker(name).ok_or_else(|| {
        format!("'{name}' speaks in a conversation: known are user, assistant, system and tool")
    })?;
    let mut said = Said::new(speaker, String::new());
    let images = record.images.len();
    match first(item, &["content", "value", "text"]) {
        Some(call) if is_call => match tools::calls(call, row.is_padded()) {
            Some(calls) => said.calls = calls,
            None => {
                said.is_unread_call = true;
                add_content(call, folder, &mut said.text, &mut record.images)?;
            }
        },
        Some(result @ Cell::Struct(_)) if speaker == Role::Tool => {
            said.text = tools::json(result).map(|json| json.to_string()).unwrap_or_default();
        }
        Some(content) => add_content(content, folder, &mut said.text, &mut record.images)?,
        None if CALLS.iter().any(|name| item.get(name).is_some()) => {}
        None => return Err(format!("a message needs a `content` or `value`: {}", short(item))),
    }
    said.shows = record.images.len() > images;
    add_calls(item, row, &mut said)?;
    said.result_of =
        item.get("tool_call_id").and_then(|id| id.text().ok().flatten()).filter(|id| !id.is_empty());
    Ok(said)
}

/// Adds the calls that a message has beside its text.
fn add_calls(item: &Cell, row: &Row, said: &mut Said) -> Result<(), String> {
    for name in CALLS {
        let Some(cell) = item.get(name).filter(|cell| is_given(cell)) else { continue };
        let problem =
            || format!("`{name}` of a message is no call with a `name` and `arguments`: {}", short(cell));
        said.calls.extend(tools::calls(cell, row.is_padded()).ok_or_else(problem)?);
    }
    Ok(())
}

fn is_given(cell: &Cell) -> bool {
    // A table of columns gives every message the members of a call, and leaves them null.
    let is_padding = |cell: &Cell| match cell {
        Cell::Null => true,
        Cell::Text(text) => text.trim().is_empty(),
        Cell::Struct(members) => members.iter().all(|(_, member)| *member == Cell::Null),
        _ => false,
    };
    !is_padding(cell)
}

fn first<'a>(item: &'a Cell, names: &[&str]) -> Option<&'a Cell> {
    names.iter().find_map(|name| item.get(name))
}

/// Returns who goes by this name in the datasets that there are, and whether the text is a call of a tool.
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

/// Adds a message's content, which may come in parts, to `text` and `images`.
fn add_content(
    content: &Cell,
    folder: &Path,
    text: &mut String,
    images: &mut Vec<ImageSource>,
) -> Result<(), String> {
    let Cell::List(parts) = content else {
        let said =
            content.text().map_err(|it| format!("a message that is {it}: it should be text or parts"))?;
        add(text, said.as_deref().unwrap_or_default());
        return Ok(());
    };
    for part in parts {
        let kind = part.get("type").and_then(|it| it.text().ok().flatten());
        let inner = ["text", "image_url", "image"].iter().find_map(|it| part.get(it).map(|cell| (*it, cell)));
        match (part, kind.as_deref(), inner) {
            (Cell::Text(said), ..) => add(text, said),
            // A writer of tables gives every part all members, and leaves most of them null.
            (_, Some("text") | None, Some(("text", _))) => {
                add(
                    text,
                    part.get("text").and_then(|it| it.text().ok().flatten()).as_deref().unwrap_or_default(),
                );
            }
            (_, Some("image_url" | "image"), _) => {
                let cell =
                    ["image_url", "image"].iter().filter_map(|it| part.get(it)).find(|it| **it != Cell::Null);
                images_of(cell.unwrap_or(&Cell::Null), folder, images)?;
            }
            _ => return Err(format!("a part that is neither text nor image: {}", short(part))),
        }
    }
    Ok(())
}

fn add(text: &mut String, said: &str) {
    if !text.is_empty() && !said.is_empty() {
        text.push('\n');
    }
    text.push_str(said);
}

/// The beginning of a cell, to be recognised by.
fn short(cell: &Cell) -> String {
    let whole = format!("{cell:?}");
    match whole.char_indices().nth(80) {
        Some((end, _)) => format!("{} ...", &whole[..end]),
        None => whole,
    }
}
