//! What is asked.

use genai_bench_core::request::{Media, MediaKind, Message, OutputLength, Role};
use genai_bench_core::units::Tokens;
use serde::Serialize;

use crate::wire::message::WireMessage;
use crate::wire::request::RequestBody;

/// How long an answer may become when nobody says: the API wants a number.
pub(super) const DEFAULT_MAX_TOKENS: Tokens = Tokens(4096);

/// Asks for the next message of a conversation, with an instruction before it if there is one.
///
/// The API has instructions outside of the conversation, so they are taken out of it, in their order. It cannot be
/// told to go on to the wanted length.
///
/// # Errors
///
/// What cannot be asked.
pub(crate) fn write_request(
    body: &mut RequestBody<'_>,
    instruction: Option<&str>,
    messages: &[Message],
    output: OutputLength,
) -> Result<(), &'static str> {
    body.set("max_tokens", &output.limit().unwrap_or(DEFAULT_MAX_TOKENS));
    let (system, said): (Vec<_>, Vec<_>) = messages.iter().partition(|it| it.role == Role::System);
    if system.iter().any(|it| !it.media.is_empty()) {
        return Err("an instruction with pictures or videos");
    }
    let system: Vec<&str> = instruction.into_iter().chain(system.iter().map(|it| &*it.text)).collect();
    match *system {
        [] => {}
        [text] => body.set("system", text),
        _ => body.set("system", &system.into_iter().map(|text| Block::Text { text }).collect::<Vec<_>>()),
    }
    let said: Result<Vec<_>, _> = said
        .into_iter()
        .map(|it| WireMessage::from_parts(it, |text| Block::Text { text }, Block::from_media))
        .collect();
    body.set("messages", &said?);
    Ok(())
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    Image { source: Source<'a> },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
}

impl<'a> Block<'a> {
    fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        if media.kind != MediaKind::Image {
            return Err("a message with media other than pictures");
        }
        let source = match media.data() {
            Some((media_type, data)) => Source::Base64 { media_type, data },
            None if media.url.starts_with("data:") => return Err("a picture as data that is not in base64"),
            None => Source::Url { url: &media.url },
        };
        Ok(Self::Image { source })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn asked(
        instruction: Option<&str>,
        messages: &[Message],
        output: OutputLength,
    ) -> Result<Value, &'static str> {
        let extra = Map::new();
        let mut body = RequestBody::new(&extra);
        write_request(&mut body, instruction, messages, output)?;
        Ok(serde_json::from_slice(&body.finish()).unwrap())
    }

    #[test]
    fn what_is_written_is_what_every_cloud_takes() {
        let body = asked(None, &[Message::user("Hello")], OutputLength::Exactly(Tokens(64))).unwrap();
        let expected = json!({"max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]});
        assert_eq!(body, expected);
    }

    #[test]
    fn the_longest_answer_is_always_told() {
        let body = asked(None, &[Message::user("Hello")], OutputLength::Free).unwrap();
        assert_eq!(body["max_tokens"], 4096);
    }

    #[test]
    fn instructions_stand_outside_of_the_conversation_in_their_order() {
        let messages = [
            Message::user("Hi"),
            Message::system("Be kind"),
            Message::assistant("Yes?"),
            Message::user("Go"),
        ];
        let output = OutputLength::AtMost(Tokens(1));
        let body = asked(None, &messages, output).unwrap();
        assert_eq!(body["system"], "Be kind");
        let roles =
            [&body["messages"][0]["role"], &body["messages"][1]["role"], &body["messages"][2]["role"]];
        assert_eq!(roles, ["user", "assistant", "user"]);
        let body = asked(Some("Be brief"), &messages, output).unwrap();
        let both = json!([{"type": "text", "text": "Be brief"}, {"type": "text", "text": "Be kind"}]);
        assert_eq!(body["system"], both);
    }

    #[test]
    fn a_picture_is_sent_whole_or_by_its_address() {
        let shown = [Media::image("data:image/png;base64,QUJD"), Media::image("https://h/b.png")];
        let said = Message::user("What is this?").showing(shown);
        let silent = Message::user("").showing([Media::image("https://h/b.png")]);
        let body = asked(None, &[said, silent], OutputLength::Free).unwrap();
        let by_address = json!({"type": "image", "source": {"type": "url", "url": "https://h/b.png"}});
        let whole = json!({"type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}});
        let text = json!({"type": "text", "text": "What is this?"});
        assert_eq!(body["messages"][0]["content"], json!([text, whole, by_address]));
        assert_eq!(body["messages"][1]["content"], json!([by_address]));
    }

    #[test]
    fn what_cannot_be_shown_is_not_sent() {
        let picture = Media::image("data:image/svg+xml,%3Csvg/%3E");
        for message in [
            Message::user("").showing([Media::video("https://h/a.mp4")]),
            Message::user("").showing([picture]),
            Message::system("").showing([Media::image("https://h/b.png")]),
        ] {
            assert!(asked(None, std::slice::from_ref(&message), OutputLength::Free).is_err(), "{message:?}");
        }
    }
}
