//! Messages of chat completions, with the calls of tools and their results.

use genai_bench_core::request::{Message, Role, ToolCall};
use serde::Serialize;

use crate::wire::message::{self, WireMessage};

/// One message of a conversation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ChatMessage<'a> {
    /// A text, with pictures and videos.
    Plain(WireMessage<'a>),
    /// Calls of tools by the model. The text is `null` where it said nothing else.
    Calls { role: &'static str, content: Option<&'a str>, tool_calls: Vec<WireCall<'a>> },
    /// The result of a call.
    Result { role: &'static str, tool_call_id: &'a str, content: &'a str },
}

/// A call of a tool.
#[derive(Debug, Serialize)]
pub(super) struct WireCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: WireFunction<'a>,
}

/// The tool that is called, and with which arguments: JSON in a string.
#[derive(Debug, Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> ChatMessage<'a> {
    /// Returns the message as chat completions have it.
    ///
    /// # Errors
    ///
    /// What the API has no form for.
    pub(super) fn new(message: &'a Message) -> Result<Self, &'static str> {
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
    use genai_bench_core::request::{Input, OutputLength, Request};
    use serde_json::{Value, json};

    use super::super::request::{encode, encoded};
    use super::super::{ChatApi, Dialect};
    use super::*;

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
