//! Requests of the responses API.

use genai_bench_core::request::{Media, MediaKind, Message, OutputLength};
use serde::Serialize;

use super::super::{Dialect, sampling};
use crate::wire::message::WireMessage;
use crate::wire::request::RequestBody;

/// Writes a request for the next message of a conversation.
///
/// # Errors
///
/// Returns a description of what cannot be requested.
pub(in super::super) fn write_request(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> Result<&'static str, &'static str> {
    if let Some(instructions) = &dialect.system_message {
        body.set("instructions", instructions);
    }
    let input: Result<Vec<_>, _> = messages
        .iter()
        .map(|it| WireMessage::from_parts(it, |text| Part::InputText { text }, Part::from_media))
        .collect();
    body.set("input", &input?);
    sampling::write_sampling(body, "max_output_tokens", output, stream, dialect);
    Ok("responses")
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    InputText { text: &'a str },
    InputImage { image_url: &'a str },
}

impl<'a> Part<'a> {
    fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        match media.kind {
            MediaKind::Image => Ok(Self::InputImage { image_url: &media.url }),
            _ => Err("a message with media other than pictures, as a response"),
        }
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::json;

    use super::super::super::ChatApi;
    use super::super::super::request::{encode, encoded};
    use super::*;

    fn dialect() -> Dialect {
        Dialect { chat_api: ChatApi::Responses, ..Dialect::openai() }
    }

    fn request(messages: Vec<Message>) -> Request {
        Request::new("m", Input::Chat { messages, output: OutputLength::Exactly(Tokens(64)) })
    }

    #[test]
    fn a_conversation_is_a_list_of_input_items() {
        let messages = vec![
            Message::system("Be kind"),
            Message::assistant("Yes?"),
            Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]),
        ];
        let brief = Dialect { system_message: Some("Be brief".into()), ..dialect() };
        let expected = json!({"model": "m", "instructions": "Be brief", "input": [
            {"role": "system", "content": "Be kind"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": [{"type": "input_text", "text": "What is this?"},
                {"type": "input_image", "image_url": "data:image/png;base64,QUJD"}]}],
            "max_output_tokens": 64, "stream": true});
        assert_eq!(encoded(&request(messages), &brief), ("responses", expected));
    }

    #[test]
    fn a_server_of_open_models_is_told_to_go_on_to_the_end_here_too() {
        let open = Dialect { chat_api: ChatApi::Responses, ..Dialect::self_hosted("vllm") };
        let expected = json!({"model": "m", "input": [{"role": "user", "content": "Hello"}], "temperature": 0.0,
            "max_output_tokens": 64, "min_tokens": 64, "ignore_eos": true, "stream": false});
        let body = encoded(&request(vec![Message::user("Hello")]).unstreamed(), &open).1;
        assert_eq!(body, expected);
    }

    #[test]
    fn extra_fields_win() {
        let extra = json!({"max_output_tokens": 5, "store": false});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..dialect() };
        let body = encoded(&request(vec![Message::user("Hello")]), &dialect).1;
        assert_eq!((&body["max_output_tokens"], &body["store"]), (&json!(5), &json!(false)));
    }

    #[test]
    fn a_video_cannot_be_shown() {
        let message = Message::user("").showing([Media::video("https://h/a.mp4")]);
        assert!(encode(&request(vec![message]), &dialect()).is_err());
    }
}
