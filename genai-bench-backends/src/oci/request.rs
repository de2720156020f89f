//! Chat requests.

use genai_bench_core::request::{Media, MediaKind, Message, OutputLength, Role};
use serde::Serialize;
use serde_json::{Value, json};

use super::extra_params::ExtraParams;
use super::format::Format;
use crate::wire::request::RequestBody;

/// A message of a request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ConversationLine<'a> {
    /// A message that the user gave as JSON.
    Given(&'a Value),
    Message(WireMessage<'a>),
}

/// Writes a request for the next message of a conversation.
///
/// The API has no option to continue past the model's own end.
///
/// # Errors
///
/// Returns a description of what the format cannot express.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    output: OutputLength,
    stream: bool,
    format: Format,
    extra_params: &ExtraParams,
) -> Result<(), &'static str> {
    body.set("apiFormat", format.name());
    match format {
        Format::Cohere => write_cohere_messages(body, messages, extra_params)?,
        Format::CohereV2 | Format::Generic => write_messages(body, messages, format, extra_params)?,
    }
    // Some models accept only the other name: a user who gives a number under it expects only that one.
    if let Some(limit) = output.limit().filter(|_| body.extra_param("maxCompletionTokens").is_none()) {
        body.set("maxTokens", &limit);
    }
    let stream = body.streams("isStream", stream);
    body.set("isStream", &stream);
    if stream {
        body.set("streamOptions", &json!({"isIncludeUsage": true}));
    }
    Ok(())
}

/// Writes `messages`, behind those that begin every conversation.
fn write_messages(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    format: Format,
    extra_params: &ExtraParams,
) -> Result<(), &'static str> {
    let instruction =
        extra_params.instruction.as_deref().map(|it| Ok(ConversationLine::Message(WireMessage::system(it))));
    let history = extra_params.history.iter().map(|it| Ok(ConversationLine::Given(it)));
    let said = messages.iter().map(|it| WireMessage::new(it, format).map(ConversationLine::Message));
    let conversation: Result<Vec<_>, _> = instruction.into_iter().chain(history).chain(said).collect();
    body.set("messages", &conversation?);
    Ok(())
}

/// A message of the history.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum HistoryLine<'a> {
    /// A message that the user gave as JSON.
    Given(&'a Value),
    Message {
        role: &'static str,
        message: &'a str,
    },
}

/// Writes `messages`, behind those that begin every conversation.
///
/// # Errors
///
/// Returns a description of what the format cannot express.
pub(super) fn write_cohere_messages(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    extra_params: &ExtraParams,
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
    let given = extra_params.history.iter().map(HistoryLine::Given);
    let history: Vec<_> = given.chain(before.iter().map(HistoryLine::from_message)).collect();
    if !history.is_empty() {
        body.set("chatHistory", &history);
    }
    let instructions = instructions.iter().map(|it| &*it.text);
    let instructions: Vec<&str> =
        extra_params.instruction.as_deref().into_iter().chain(instructions).collect();
    if !instructions.is_empty() {
        body.set("preambleOverride", &instructions.join("\n\n"));
    }
    Ok(())
}

impl<'a> HistoryLine<'a> {
    fn from_message(message: &'a Message) -> Self {
        let role = match message.role {
            Role::System => "SYSTEM",
            Role::Assistant => "CHATBOT",
            _ => "USER",
        };
        Self::Message { role, message: &message.text }
    }
}

/// A message on the wire. Long values are borrowed.
#[derive(Debug, Serialize)]
pub(super) struct WireMessage<'a> {
    role: &'static str,
    content: Vec<Part<'a>>,
}

/// A part of a message. The two formats name the picture differently.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Part<'a> {
    Text { text: &'a str },
    Image { image_url: Link<'a> },
    ImageUrl { image_url: Link<'a> },
    Video { video_url: Link<'a> },
}

/// The address of a media file, or its data.
#[derive(Debug, Serialize)]
struct Link<'a> {
    url: &'a str,
}

impl<'a> WireMessage<'a> {
    /// Creates a system message.
    pub(super) fn system(text: &'a str) -> Self {
        Self { role: "SYSTEM", content: vec![Part::Text { text }] }
    }

    /// Creates the wire form of `message` in `format`.
    ///
    /// # Errors
    ///
    /// Returns a description of the media that the format cannot express.
    pub(super) fn new(message: &'a Message, format: Format) -> Result<Self, &'static str> {
        let role = match message.role {
            Role::System => "SYSTEM",
            Role::Assistant => "ASSISTANT",
            _ => "USER",
        };
        let says_something = !message.text.is_empty() || message.media.is_empty();
        let text = says_something.then(|| Ok(Part::Text { text: &message.text }));
        let shown = message.media.iter().map(|it| Part::from_media(it, format));
        let content: Result<_, _> = text.into_iter().chain(shown).collect();
        Ok(Self { role, content: content? })
    }
}

impl<'a> Part<'a> {
    fn from_media(media: &'a Media, format: Format) -> Result<Self, &'static str> {
        let link = Link { url: &media.url };
        match (media.kind, format) {
            (MediaKind::Image, Format::CohereV2) => Ok(Self::ImageUrl { image_url: link }),
            (MediaKind::Image, _) => Ok(Self::Image { image_url: link }),
            (MediaKind::Video, Format::Generic) => Ok(Self::Video { video_url: link }),
            (MediaKind::Video, _) => Err("a message with a video: oci-genai can show one"),
            _ => Err("a message with media other than pictures and videos"),
        }
    }
}

#[cfg(test)]
mod tests;
