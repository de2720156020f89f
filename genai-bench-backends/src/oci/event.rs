//! What an answer is made of: events in a stream, or all of it.

use genai_bench_core::event::Events;
use serde::Deserialize;
use serde_json::Value;

use super::ending;
use super::usage::WireUsage;
use crate::wire::lenient;
use crate::wire::text::Text;

/// One event of a stream in any of the formats, one of several answers, or the whole of one. What else is in it, such
/// as `pad`, is left alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    /// What is said, in `GENERIC` and in `COHEREV2`.
    #[serde(borrow)]
    message: Option<Message<'a>>,
    /// What is said in `COHERE`.
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    /// The answers, where `GENERIC` comes whole.
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Event<'a>>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    #[serde(borrow, default)]
    error_message: Text<'a>,
    #[serde(default, deserialize_with = "lenient::object")]
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, default)]
    reasoning_content: Text<'a>,
    /// What the model means to do with its tools.
    #[serde(borrow, default)]
    tool_plan: Text<'a>,
    #[serde(borrow)]
    content: Option<Vec<Part<'a>>>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

/// A piece of the answer, or of the thinking before it.
#[derive(Debug, Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    thinking: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
}

/// A call to a tool. Each format has its arguments in another place.
#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow, default)]
    arguments: Text<'a>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
    parameters: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    arguments: Text<'a>,
}

impl Event<'_> {
    /// Whether it says anything that is of use here, even if that is an empty text.
    pub(super) fn is_known(&self) -> bool {
        let says_something = self.message.is_some() || self.text.is_some() || self.tool_calls.is_some();
        says_something || self.ends() || self.usage.is_some()
    }

    /// Whether it ends the answer.
    pub(super) fn ends(&self) -> bool {
        !self.finish_reason.as_str().is_empty() || !self.error_message.as_str().is_empty()
    }

    /// Tells what is said in it, and whether that is anything.
    pub(super) fn tell_words(&self, events: &mut Events<'_>) -> bool {
        let mut told = false;
        let text = self.text.iter().map(|it| (false, it));
        let words = self.message.iter().flat_map(Message::words).chain(text);
        for (is_reasoning, text) in words.map(|it| (it.0, it.1.as_str())) {
            if is_reasoning {
                events.reasoning(text);
            } else {
                events.text(text);
            }
            told |= !text.is_empty();
        }
        told
    }

    /// Tells of the calls to tools in it, and whether there are any.
    pub(super) fn tell_calls(&self, events: &mut Events<'_>) -> bool {
        let in_message = self.message.iter().filter_map(|it| it.tool_calls.as_ref());
        let mut told = false;
        for call in in_message.chain(&self.tool_calls).flatten() {
            call.tell(events);
            told = true;
        }
        told
    }

    /// Tells what it took, and why it ended.
    pub(super) fn tell_ending(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        ending::tell(self.finish_reason.as_str(), self.error_message.as_str(), events);
    }
}

impl<'a> Message<'a> {
    /// What is said in it, and whether that is reasoning.
    fn words(&self) -> impl Iterator<Item = (bool, &Text<'a>)> {
        let before = [(true, &self.reasoning_content), (true, &self.tool_plan)];
        let parts = self.content.iter().flatten().flat_map(|it| [(true, &it.thinking), (false, &it.text)]);
        before.into_iter().chain(parts).chain([(false, &self.refusal)])
    }
}

impl ToolCall<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        events.tool_call(self.arguments.as_str());
        events.tool_call(self.function.as_ref().map_or("", |it| it.arguments.as_str()));
        if let Some(parameters) = &self.parameters {
            events.tool_call(&parameters.to_string());
        }
    }
}
