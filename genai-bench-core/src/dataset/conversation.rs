//! Conversations as they stand in cells.

use std::path::Path;
use std::sync::Arc;

use super::image::{ImageSource, images_of};
use super::row::Cell;
use crate::request::Role;

/// The names of columns that hold a conversation.
pub(super) const COLUMNS: [&str; 4] = ["conversations", "conversation", "messages", "turns"];

/// What one speaker says before another does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Utterance {
    /// Who speaks.
    pub speaker: Role,
    /// What is said.
    pub text: Arc<str>,
}

impl Utterance {
    /// What a speaker says.
    pub fn new(speaker: Role, text: impl Into<Arc<str>>) -> Self {
        Self { speaker, text: text.into() }
    }
}

/// Reads a list of `{"from": ..., "value": ...}`, of `{"role": ..., "content": ...}`, or of plain texts, which are
/// all the user's. Images go to `images`.
///
/// Utterances of the same speaker in a row are joined by a blank line. What the assistant says before anyone
/// asked is left out, and what nobody asked for is no conversation at all.
pub(super) fn conversation_of(
    items: &[Cell],
    folder: &Path,
    images: &mut Vec<ImageSource>,
) -> Result<Vec<Utterance>, String> {
    let mut spoken: Vec<(Role, String)> = Vec::new();
    let mut has_begun = false;
    for item in items {
        let (speaker, text) = utterance(item, folder, images)?;
        has_begun |= speaker == Role::User;
        let is_early = speaker == Role::Assistant && !has_begun;
        if text.trim().is_empty() || is_early {
            continue;
        }
        match spoken.last_mut() {
            Some((before, so_far)) if *before == speaker => {
                so_far.push_str("\n\n");
                so_far.push_str(&text);
            }
            _ => spoken.push((speaker, text)),
        }
    }
    if !spoken.iter().any(|it| it.0 == Role::User) {
        return Ok(Vec::new());
    }
    Ok(spoken.into_iter().map(|(speaker, text)| Utterance::new(speaker, text)).collect())
}

fn utterance(item: &Cell, folder: &Path, images: &mut Vec<ImageSource>) -> Result<(Role, String), String> {
    if let Cell::Text(text) = item {
        return Ok((Role::User, text.to_string()));
    }
    let first = |names: [&str; 2]| names.iter().find_map(|it| item.get(it));
    let Some(Cell::Text(name)) = first(["role", "from"]) else {
        return Err(format!("in a conversation, every message needs a `role` or `from`: {}", short(item)));
    };
    let speaker = speaker(name)
        .ok_or_else(|| format!("'{name}' speaks in a conversation: known are user, assistant and system"))?;
    let mut text = String::new();
    if let Some(content) = first(["content", "value"]) {
        say(content, folder, &mut text, images)?;
    }
    Ok((speaker, text))
}

/// Who goes by this name, in the datasets that there are.
fn speaker(name: &str) -> Option<Role> {
    match &*name.trim().to_ascii_lowercase() {
        // What a tool answers is read by the model, as what a user says is.
        "user" | "human" | "customer" | "prompter" | "tool" | "function" | "function_response"
        | "observation" | "ipython" => Some(Role::User),
        "assistant" | "gpt" | "chatgpt" | "bing" | "bard" | "model" | "bot" | "function_call" => {
            Some(Role::Assistant)
        }
        "system" | "developer" => Some(Role::System),
        _ => None,
    }
}

/// Adds a message's content, which may come in parts, to `text` and `images`.
fn say(
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(Role, String)>, String> {
        let Cell::List(items) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
        let read = conversation_of(&items, Path::new("."), &mut Vec::new())?;
        Ok(read.into_iter().map(|it| (it.speaker, it.text.to_string())).collect())
    }

    #[test]
    fn both_ways_to_write_a_conversation_are_understood() {
        let wanted = [
            (Role::System, "be kind".to_owned()),
            (Role::User, "hi".to_owned()),
            (Role::Assistant, "hello".to_owned()),
        ];
        let old = r#"[{"from":"system","value":"be kind"},{"from":"human","value":"hi"},{"from":"gpt","value":"hello"}]"#;
        let new = r#"[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"hi"}]},
                      {"role":"assistant","content":"hello"}]"#;
        assert_eq!(read(old).unwrap(), wanted);
        assert_eq!(read(new).unwrap(), wanted);
    }

    #[test]
    fn an_answer_before_any_question_is_left_out_and_one_speaker_speaks_once() {
        let json = r#"[{"from":"gpt","value":"leftover"},{"from":"human","value":"a"},{"from":"human","value":"b"},
                       {"from":"bing","value":"c"},{"from":"chatgpt","value":"d"}]"#;
        let wanted = [(Role::User, "a\n\nb".to_owned()), (Role::Assistant, "c\n\nd".to_owned())];
        assert_eq!(read(json).unwrap(), wanted);
        assert_eq!(read(r#"[{"from":"gpt","value":"nobody asked"}]"#).unwrap(), []);
        assert_eq!(read(r#"[{"role":"system","content":"be kind"}]"#).unwrap(), []);
    }

    #[test]
    fn a_stranger_and_a_strange_part_are_errors_that_name_them() {
        assert!(read(r#"[{"from":"dog","value":"woof"}]"#).unwrap_err().contains("'dog'"));
        assert!(read(r#"[{"value":"woof"}]"#).unwrap_err().contains("woof"));
        let sound = r#"[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]"#;
        assert!(read(sound).unwrap_err().contains("input_audio"));
    }

    #[test]
    fn images_in_messages_are_found() {
        let json = r#"[{"role":"user","content":[{"type":"text","text":"what is it?","image_url":null},
            {"type":"image_url","text":null,"image_url":{"url":"https://x.org/a.png"}}]}]"#;
        let Cell::List(items) = serde_json::from_str(json).unwrap() else { panic!() };
        let mut images = Vec::new();
        let read = conversation_of(&items, Path::new("."), &mut images).unwrap();
        assert_eq!(&*read[0].text, "what is it?");
        assert_eq!(images, [ImageSource::Url("https://x.org/a.png".into())]);
    }
}
