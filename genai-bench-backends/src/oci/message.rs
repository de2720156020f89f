//! Messages of the formats that have them in one list: `GENERIC` and `COHEREV2`.

use genai_bench_core::request::{Media, MediaKind, Message, Role};
use serde::Serialize;

use super::format::Format;

/// One message of a conversation. All that is long in it is borrowed.
#[derive(Debug, Serialize)]
pub(super) struct WireMessage<'a> {
    role: &'static str,
    content: Vec<Part<'a>>,
}

/// A part of a message. The two formats have different names for a picture.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Part<'a> {
    Text { text: &'a str },
    Image { image_url: Link<'a> },
    ImageUrl { image_url: Link<'a> },
    Video { video_url: Link<'a> },
}

/// Where something to look at is, or all of it.
#[derive(Debug, Serialize)]
struct Link<'a> {
    url: &'a str,
}

impl<'a> WireMessage<'a> {
    /// An instruction to the model.
    pub(super) fn system(text: &'a str) -> Self {
        Self { role: "SYSTEM", content: vec![Part::Text { text }] }
    }

    /// The message in `format`.
    ///
    /// # Errors
    ///
    /// What cannot be shown.
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
mod tests {
    use serde_json::json;

    use super::*;

    const PICTURE: &str = "data:image/png;base64,QUJD";

    #[test]
    fn what_is_shown_comes_after_what_is_said_under_the_name_of_the_format() {
        let message = Message::user("What is this?").showing([Media::image(PICTURE)]);
        for (format, name) in [(Format::Generic, "IMAGE"), (Format::CohereV2, "IMAGE_URL")] {
            let expected = json!({"role": "USER", "content": [{"type": "TEXT", "text": "What is this?"},
                {"type": name, "imageUrl": {"url": PICTURE}}]});
            assert_eq!(json!(WireMessage::new(&message, format).unwrap()), expected);
        }
        let silent = Message::user("").showing([Media::video("data:video/mp4;base64,QUJD")]);
        let expected = json!([{"type": "VIDEO", "videoUrl": {"url": "data:video/mp4;base64,QUJD"}}]);
        assert_eq!(json!(WireMessage::new(&silent, Format::Generic).unwrap())["content"], expected);
        assert!(WireMessage::new(&silent, Format::CohereV2).unwrap_err().contains("oci-genai"));
    }

    #[test]
    fn every_role_has_its_name_and_a_message_without_words_is_one() {
        let said = |message: &Message| json!(WireMessage::new(message, Format::Generic).unwrap());
        assert_eq!(said(&Message::system("s"))["role"], "SYSTEM");
        let empty = json!({"role": "ASSISTANT", "content": [{"type": "TEXT", "text": ""}]});
        assert_eq!(said(&Message::assistant("")), empty);
        assert_eq!(json!(WireMessage::system("s")), said(&Message::system("s")));
    }
}
