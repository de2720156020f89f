//! Chat messages, in the shape that most APIs share.

use genai_bench_core::request::{Media, MediaKind, Message, Role};
use serde::Serialize;

/// Returns the name of a role.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
        _ => "user",
    }
}

/// A chat message, in an API whose parts are `P`. Long values are borrowed.
#[derive(Debug, Serialize)]
pub(crate) struct WireMessage<'a, P = Part<'a>> {
    pub(crate) role: &'static str,
    pub(crate) content: Content<'a, P>,
}

/// The content of a message: the text alone, or parts where there is media.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content<'a, P = Part<'a>> {
    Text(&'a str),
    Parts(Vec<P>),
}

/// A part of the content.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Part<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: Link<'a> },
    VideoUrl { video_url: Link<'a> },
}

/// The address of a media file, or its data.
#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    url: &'a str,
}

impl<'a> WireMessage<'a> {
    /// Creates a system message.
    pub(crate) fn system(text: &'a str) -> Self {
        Self { role: "system", content: Content::Text(text) }
    }

    /// Creates the wire form of `message`, where the API can express it.
    pub(crate) fn new(message: &'a Message) -> Result<Self, &'static str> {
        Self::from_parts(message, |text| Part::Text { text }, Part::from_media)
    }
}

impl<'a, P> WireMessage<'a, P> {
    /// Creates a message with its text alone, or with parts from `from_text` and `from_media` where there is media.
    pub(crate) fn from_parts(
        message: &'a Message,
        from_text: fn(&'a str) -> P,
        from_media: fn(&'a Media) -> Result<P, &'static str>,
    ) -> Result<Self, &'static str> {
        let role = role(message.role);
        if message.media.is_empty() {
            return Ok(Self { role, content: Content::Text(&message.text) });
        }
        let text = (!message.text.is_empty()).then(|| Ok(from_text(&message.text)));
        let parts: Result<_, _> = text.into_iter().chain(message.media.iter().map(from_media)).collect();
        Ok(Self { role, content: Content::Parts(parts?) })
    }
}

impl<'a> Part<'a> {
    /// Creates the part of a picture or a video.
    pub(crate) fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        let link = Link { url: &media.url };
        match media.kind {
            MediaKind::Image => Ok(Self::ImageUrl { image_url: link }),
            MediaKind::Video => Ok(Self::VideoUrl { video_url: link }),
            _ => Err("a message with media other than pictures and videos"),
        }
    }
}
