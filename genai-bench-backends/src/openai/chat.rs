//! Chat completions and completions, as they are asked for.

use genai_bench_core::request::{Message, OutputLength};

use super::chat_message::ChatMessage;
use super::{Dialect, LengthField, sampling};
use crate::wire::message::WireMessage;
use crate::wire::request::RequestBody;

/// Asks for the next message of a conversation.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn ask(
    body: &mut RequestBody<'_>,
    messages: &[Message],
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> Result<&'static str, &'static str> {
    let system = dialect.system_message.as_deref();
    let system = system.map(|text| Ok(ChatMessage::Plain(WireMessage::system(text))));
    let conversation: Result<Vec<_>, _> =
        system.into_iter().chain(messages.iter().map(ChatMessage::new)).collect();
    body.set("messages", &conversation?);
    let length_field = match dialect.length_field {
        LengthField::MaxCompletionTokens => "max_completion_tokens",
        LengthField::MaxTokens => "max_tokens",
    };
    if sampling::ask(body, length_field, output, stream, dialect) {
        sampling::ask_for_usage(body, dialect);
    }
    Ok("chat/completions")
}

/// Asks for the continuation of a text.
pub(super) fn ask_to_complete(
    body: &mut RequestBody<'_>,
    prompt: &str,
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> &'static str {
    body.set("prompt", prompt);
    // Here the old name never went away.
    if sampling::ask(body, "max_tokens", output, stream, dialect) {
        sampling::ask_for_usage(body, dialect);
    }
    "completions"
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Media, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::super::request::encoded;
    use super::*;

    fn chat() -> Request {
        Request::chat("m", "Hello", OutputLength::Exactly(Tokens(16)))
    }

    fn body(request: &Request, dialect: &Dialect) -> Value {
        encoded(request, dialect).1
    }

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}],
            "max_completion_tokens": 16, "stream": true, "stream_options": {"include_usage": true}});
        assert_eq!(encoded(&chat(), &Dialect::openai()), ("chat/completions", expected));
    }

    #[test]
    fn a_server_of_open_models_is_told_to_go_on_to_the_end() {
        let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 16,
            "min_tokens": 16, "ignore_eos": true, "temperature": 0.0, "stream": true,
            "stream_options": {"include_usage": true}});
        assert_eq!(body(&chat(), &Dialect::self_hosted("vllm")), expected);
        let free = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
        assert_eq!(body(&free, &Dialect::self_hosted("vllm")).get("ignore_eos"), None);
    }

    #[test]
    fn completions_keep_the_old_name() {
        let request = Request::completion("m", "Hello", OutputLength::AtMost(Tokens(4)));
        let expected = json!({"model": "m", "prompt": "Hello", "max_tokens": 4, "stream": true,
            "stream_options": {"include_usage": true}});
        assert_eq!(encoded(&request, &Dialect::openai()), ("completions", expected));
    }

    #[test]
    fn extra_fields_win() {
        let extra = json!({"temperature": 0.7, "ignore_eos": false, "stream": false, "top_k": 5});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::self_hosted("vllm") };
        let body = body(&chat(), &dialect);
        assert_eq!(
            (&body["temperature"], &body["ignore_eos"], &body["top_k"]),
            (&json!(0.7), &json!(false), &json!(5))
        );
        assert_eq!((&body["stream"], body.get("stream_options")), (&json!(false), None));
    }

    #[test]
    fn counts_on_every_chunk_and_a_system_message_can_be_had() {
        let dialect =
            Dialect { continuous_usage: true, system_message: Some("Be brief".into()), ..Dialect::openai() };
        let body = body(&chat(), &dialect);
        assert_eq!(body["stream_options"], json!({"include_usage": true, "continuous_usage_stats": true}));
        assert_eq!(body["messages"][0], json!({"role": "system", "content": "Be brief"}));
    }

    #[test]
    fn what_is_shown_comes_after_what_is_said() {
        let shown = [Media::image("data:image/png;base64,QUJD"), Media::video("https://h/a.mp4")];
        let messages = vec![
            Message::assistant("Yes?"),
            Message::user("What is this?").showing(shown),
            Message::user("").showing([Media::image("https://h/b.png")]),
        ];
        let request = Request::new("m", Input::Chat { messages, output: OutputLength::Free });
        let expected = json!([
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
                {"type": "video_url", "video_url": {"url": "https://h/a.mp4"}}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://h/b.png"}}]},
        ]);
        assert_eq!(body(&request, &Dialect::openai())["messages"], expected);
    }
}
