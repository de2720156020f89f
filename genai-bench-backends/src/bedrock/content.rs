//! What a conversation is made of on the wire.

use genai_bench_core::request::{Media, MediaKind, Message, Role};
use serde::Serialize;

/// One message of a conversation. All that is long in it is borrowed.
#[derive(Debug, Serialize)]
pub(super) struct WireMessage<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

/// A part of a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Block<'a> {
    /// What is said.
    Text(&'a str),
    /// What is shown.
    Image {
        /// Its format, such as `png`.
        format: &'static str,
        /// All of it.
        source: Source<'a>,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Source<'a> {
    /// In base64.
    bytes: &'a str,
}

impl<'a> WireMessage<'a> {
    /// A message of anyone but the system, whose messages stand elsewhere.
    ///
    /// # Errors
    ///
    /// What cannot be shown.
    pub(super) fn new(message: &'a Message) -> Result<Self, &'static str> {
        let role = if message.role == Role::Assistant { "assistant" } else { "user" };
        // A block without a text in it is refused; a message needs one.
        let says_something = !message.text.is_empty() || message.media.is_empty();
        let text = says_something.then(|| Ok(Block::Text(&message.text)));
        let content: Result<_, _> =
            text.into_iter().chain(message.media.iter().map(Block::from_media)).collect();
        Ok(Self { role, content: content? })
    }
}

impl<'a> Block<'a> {
    fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        if media.kind != MediaKind::Image {
            return Err("a message with anything but texts and pictures");
        }
        let Picture { format, bytes } = Picture::from_media(media)?;
        Ok(Self::Image { format, source: Source { bytes } })
    }
}

/// A picture, all of it.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    /// Its format, such as `png`.
    pub(super) format: &'static str,
    /// In base64.
    pub(super) bytes: &'a str,
}

impl<'a> Picture<'a> {
    /// The picture, where it is one that the service takes.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub(super) fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        let (kind, bytes) =
            media.data().ok_or("a picture that lies elsewhere: it wants the picture itself")?;
        let format = match kind {
            "image/png" => "png",
            "image/jpeg" | "image/jpg" => "jpeg",
            "image/gif" => "gif",
            "image/webp" => "webp",
            _ => return Err("a picture that is none of PNG, JPEG, GIF and WebP"),
        };
        Ok(Self { format, bytes })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_comes_after_what_is_said() {
        let message = Message::user("What is this?").showing([
            Media::image("data:image/png;base64,QUJD"),
            Media::image("data:image/jpeg;base64,REVG"),
        ]);
        let expected = json!({"role": "user", "content": [
            {"text": "What is this?"},
            {"image": {"format": "png", "source": {"bytes": "QUJD"}}},
            {"image": {"format": "jpeg", "source": {"bytes": "REVG"}}}]});
        assert_eq!(json!(WireMessage::new(&message).unwrap()), expected);
        let silent = Message::user("").showing([Media::image("data:image/gif;base64,QUJD")]);
        let expected = json!([{"image": {"format": "gif", "source": {"bytes": "QUJD"}}}]);
        assert_eq!(json!(WireMessage::new(&silent).unwrap())["content"], expected);
        assert_eq!(
            json!(WireMessage::new(&Message::assistant("")).unwrap())["content"],
            json!([{"text": ""}])
        );
    }

    #[test]
    fn what_it_cannot_be_shown_is_refused() {
        for (media, problem) in [
            (Media::video("data:video/mp4;base64,QUJD"), "a message with anything but texts and pictures"),
            (Media::image("https://h/a.png"), "a picture that lies elsewhere: it wants the picture itself"),
            (Media::image("data:image/bmp;base64,QUJD"), "a picture that is none of PNG, JPEG, GIF and WebP"),
        ] {
            assert_eq!(WireMessage::new(&Message::user("x").showing([media])).unwrap_err(), problem);
        }
    }
}
