//! Chat, as it is asked for.

use genai_bench_core::request::{MediaKind, Message, OutputLength};

use crate::wire::message::WireMessage;
use crate::wire::request::RequestBody;

/// Asks for the next message of a conversation, which `instruction` comes before.
///
/// A server cannot be told to go on after the model is done.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    body: &mut RequestBody<'_>,
    instruction: Option<&str>,
    messages: &[Message],
    output: OutputLength,
    stream: bool,
) -> Result<&'static str, &'static str> {
    if messages.iter().flat_map(|it| &it.media).any(|it| it.kind != MediaKind::Image) {
        return Err("a message with media other than pictures");
    }
    let instruction = instruction.map(|it| Ok(WireMessage::system(it)));
    let conversation: Result<Vec<_>, _> =
        instruction.into_iter().chain(messages.iter().map(WireMessage::new)).collect();
    body.set("messages", &conversation?);
    if let Some(limit) = output.limit() {
        body.set("max_tokens", &limit);
    }
    let stream = body.streams("stream", stream);
    body.set("stream", &stream);
    Ok("chat")
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Media, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::super::entry::encoded;
    use super::*;

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let request = Request::chat("command-a-03-2025", "Hello", OutputLength::AtMost(Tokens(16)));
        let sdk = include_str!("../../fixtures/cohere/chat_request.json");
        let sdk: Value = serde_json::from_str(sdk).unwrap();
        assert_eq!(encoded(&request, &json!({})), Ok(("/v2/chat".to_owned(), sdk)));
    }

    #[test]
    fn an_exact_length_is_a_maximum_and_a_free_one_is_not_said() {
        let body = |output| encoded(&Request::chat("m", "Hello", output), &json!({})).unwrap().1;
        assert_eq!(body(OutputLength::Exactly(Tokens(9)))["max_tokens"], 9);
        assert_eq!(body(OutputLength::Free).get("max_tokens"), None);
    }

    #[test]
    fn extra_fields_win_and_an_instruction_comes_first() {
        let extra = json!({"seed": 1, "stream": false, "system_message": "Be brief"});
        let request = Request::chat("m", "Hello", OutputLength::Free);
        let expected = json!({"model": "m", "seed": 1, "stream": false, "messages":
            [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello"}]});
        assert_eq!(encoded(&request, &extra).unwrap().1, expected);
    }

    #[test]
    fn pictures_are_shown_and_videos_are_not() {
        let showing = |media| {
            let messages = vec![Message::user("What is this?").showing([media])];
            let request = Request::new("m", Input::Chat { messages, output: OutputLength::Free });
            encoded(&request, &json!({})).map(|it| it.1["messages"][0]["content"].clone())
        };
        let expected = json!([{"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]);
        assert_eq!(showing(Media::image("data:image/png;base64,QUJD")), Ok(expected));
        let refused = "cohere cannot express a message with media other than pictures";
        assert_eq!(showing(Media::video("https://h/a.mp4")), Err(refused.to_owned()));
    }
}
