//! The messages of a request: their texts and media.

use serde_json::Value;

use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::prompt::{Medium, Prompt};

/// Parses the messages in the field `name` into `prompt`.
pub(super) fn read(fields: &Fields, name: &'static str, prompt: &mut Prompt) -> Result<(), ErrorResponse> {
    let messages = fields.list(name, "an array of one message or more")?;
    messages.iter().try_for_each(|it| message(it, name, prompt))
}

fn message(message: &Value, name: &'static str, prompt: &mut Prompt) -> Result<(), ErrorResponse> {
    prompt.role(message.get("role").and_then(Value::as_str).unwrap_or_default());
    match message.get("content") {
        _ if !message.is_object() => return Err(wrong(name, "an array of objects")),
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => prompt.text(text),
        Some(Value::Array(parts)) => parts.iter().for_each(|it| part(it, prompt)),
        Some(_) => {
            return Err(wrong(name, "an array of objects whose `content` is text or an array of parts"));
        }
    }
    Ok(())
}

fn part(part: &Value, prompt: &mut Prompt) {
    let medium = match part.get("type").and_then(Value::as_str) {
        Some("image_url" | "input_image") => Some((Medium::Image, "image_url")),
        Some("video_url") => Some((Medium::Video, "video_url")),
        Some("input_audio") => Some((Medium::Audio, "input_audio")),
        _ => None,
    };
    match medium {
        Some((medium, name)) => prompt.medium(medium, source(part.get(name))),
        None => prompt.text(part.get("text").and_then(Value::as_str).unwrap_or_default()),
    }
}

/// Returns the URL or the data of a medium: a text, or in an object the member `url` or `data`.
fn source(value: Option<&Value>) -> &str {
    let inside = value.and_then(|it| it.get("url").or_else(|| it.get("data")).or(Some(it)));
    inside.and_then(Value::as_str).unwrap_or_default()
}
