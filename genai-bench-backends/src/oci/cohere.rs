//! Conversations in the format `COHERE`: what is said now, what was said before, and an instruction are three fields.

use genai_bench_core::request::{Message, Role};
use serde::Serialize;
use serde_json::Value;

use super::extra_params::Wanted;
use crate::wire::request::RequestBody;

/// One message of what was said before.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line<'a> {
    /// As a person wrote it.
    Given(&'a Value),
    Said {
        role: &'static str,
        message: &'a str,
    },
}

/// Says `messages`, after what every conversation begins with.
///
/// # Errors
///
/// What cannot be said.
pub(super) fn say(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    wanted: &Wanted,
) -> Result<(), &'static str> {
    if messages.iter().any(|it| !it.media.is_empty()) {
        return Err("a message with anything but text: oci-cohere-v2 and oci-genai can show pictures");
    }
    let instructions = messages.iter().take_while(|it| it.role == Role::System).count();
    let (instructions, said) = messages.split_at(instructions);
    let Some((last, before)) = said.split_last().filter(|it| it.0.role == Role::User) else {
        return Err("a conversation in which the user does not speak last");
    };
    body.set("message", &*last.text);
    let given = wanted.history.iter().map(Line::Given);
    let history: Vec<_> = given.chain(before.iter().map(Line::said)).collect();
    if !history.is_empty() {
        body.set("chatHistory", &history);
    }
    let instructions = instructions.iter().map(|it| &*it.text);
    let instructions: Vec<&str> = wanted.instruction.as_deref().into_iter().chain(instructions).collect();
    if !instructions.is_empty() {
        body.set("preambleOverride", &instructions.join("\n\n"));
    }
    Ok(())
}

impl<'a> Line<'a> {
    fn said(message: &'a Message) -> Self {
        let role = match message.role {
            Role::System => "SYSTEM",
            Role::Assistant => "CHATBOT",
            _ => "USER",
        };
        Self::Said { role, message: &message.text }
    }
}
