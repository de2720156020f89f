//! Requests of chat completions and completions.

use genai_bench_core::request::{Message, OutputLength, Role, ToolCall};
use serde::Serialize;

use super::super::{Dialect, LengthField, sampling};
use crate::wire::message::{self, WireMessage};
use crate::wire::request::RequestBody;

/// Writes a request for the next message of a conversation.
///
/// # Errors
///
/// Returns a description of what cannot be requested.
pub(super) fn write_request(
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
    if sampling::write_sampling(body, length_field, output, stream, dialect) {
        sampling::write_stream_options(body, dialect);
    }
    Ok("chat/completions")
}

/// Writes a request for the continuation of a text.
pub(super) fn write_completion_request(
    body: &mut RequestBody<'_>,
    prompt: &str,
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> &'static str {
    body.set("prompt", prompt);
    // Completions have the old name only.
    if sampling::write_sampling(body, "max_tokens", output, stream, dialect) {
        sampling::write_stream_options(body, dialect);
    }
    "completions"
}

/// A message of a conversation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ChatMessage<'a> {
    /// A text, with pictures and videos.
    Plain(WireMessage<'a>),
    /// Tool calls by the model. The text is `null` where there are only calls.
    Calls { role: &'static str, content: Option<&'a str>, tool_calls: Vec<WireCall<'a>> },
    /// The result of a tool call.
    Result { role: &'static str, tool_call_id: &'a str, content: &'a str },
}

/// A tool call.
#[derive(Debug, Serialize)]
struct WireCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: WireFunction<'a>,
}

/// The name and the arguments of a call: JSON in a string.
#[derive(Debug, Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> ChatMessage<'a> {
    /// Creates the wire form of `message`.
    ///
    /// # Errors
    ///
    /// Returns a description of what the API cannot express.
    fn new(message: &'a Message) -> Result<Self, &'static str> {
        if message.role == Role::Tool {
            let Some(tool_call_id) = message.tool_call_id.as_deref() else {
                return Err("the result of a tool without the call that it belongs to");
            };
            return Ok(Self::Result { role: "tool", tool_call_id, content: &message.text });
        }
        if message.tool_calls.is_empty() {
            return WireMessage::new(message).map(Self::Plain);
        }
        if !message.media.is_empty() {
            return Err("a message that calls tools and shows something");
        }
        Ok(Self::Calls {
            role: message::role(message.role),
            content: Some(&*message.text).filter(|text| !text.is_empty()),
            tool_calls: message.tool_calls.iter().map(WireCall::new).collect(),
        })
    }
}

impl<'a> WireCall<'a> {
    fn new(call: &'a ToolCall) -> Self {
        let function = WireFunction { name: &call.name, arguments: &call.arguments };
        Self { id: &call.id, r#type: "function", function }
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Media, OutputLength, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::super::super::{ChatApi, Dialect};
    use super::super::{encode, encoded};
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

    fn request() -> Request {
        let call = ToolCall::new("call_1", "weather", r#"{"city":"Oslo"}"#);
        let messages = vec![
            Message::user("Is it raining?"),
            Message::assistant("").calling([call.clone()]),
            Message::tool_result("call_1", "yes"),
            Message::assistant("And tomorrow:").calling([call]),
        ];
        let tool =
            json!({"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}});
        Request::new("m", Input::Chat { messages, output: OutputLength::Free }).with_tools([tool].into())
    }

    #[test]
    fn tools_their_calls_and_results_are_sent_as_such() {
        let body: Value = encoded(&request(), &Dialect::openai()).1;
        let call = json!({"id": "call_1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}});
        let messages = json!([
            {"role": "user", "content": "Is it raining?"},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "yes"},
            {"role": "assistant", "content": "And tomorrow:", "tool_calls": [call]},
        ]);
        assert_eq!(body["messages"], messages);
        assert_eq!(body["tools"], json!(*request().tools));
        assert_eq!(body.get("tool_choice"), None);
    }

    #[test]
    fn fields_that_a_person_adds_replace_the_definitions() {
        let extra = json!({"tools": [], "tool_choice": "none"});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::openai() };
        let body: Value = encoded(&request(), &dialect).1;
        assert_eq!((&body["tools"], &body["tool_choice"]), (&json!([]), &json!("none")));
    }

    #[test]
    fn tools_are_refused_as_responses() {
        let dialect = Dialect { chat_api: ChatApi::Responses, ..Dialect::openai() };
        assert!(encode(&request(), &dialect).unwrap_err().contains("tools"));
    }
}
