//! What an answer is made of: events in a stream, or all of it.

use genai_bench_core::event::Events;
use serde::Deserialize;
use serde_json::Value;

use super::ending;
use super::usage::WireUsage;
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
    /// Whether it says anything that is of use here.
    pub(super) fn is_known(&self) -> bool {
        self.says_something() || self.ends() || self.usage.is_some()
    }

    /// Whether there is something of an answer in it, even if that is empty.
    pub(super) fn says_something(&self) -> bool {
        self.message.is_some() || self.text.is_some() || self.tool_calls.is_some()
    }

    /// Whether it ends the answer.
    pub(super) fn ends(&self) -> bool {
        !self.finish_reason.as_str().is_empty() || !self.error_message.as_str().is_empty()
    }

    /// Tells what is said in it.
    pub(super) fn tell_answer(&self, events: &mut Events<'_>) {
        if let Some(message) = &self.message {
            message.tell(events);
        }
        events.text(self.text.as_ref().map_or("", Text::as_str));
        self.tool_calls.iter().flatten().for_each(|it| it.tell(events));
    }

    /// Tells what it took, and why it ended.
    pub(super) fn tell_ending(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        ending::tell(self.finish_reason.as_str(), self.error_message.as_str(), events);
    }
}

impl Message<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        events.reasoning(self.reasoning_content.as_str());
        events.reasoning(self.tool_plan.as_str());
        for part in self.content.iter().flatten() {
            events.reasoning(part.thinking.as_str());
            events.text(part.text.as_str());
        }
        events.text(self.refusal.as_str());
        self.tool_calls.iter().flatten().for_each(|it| it.tell(events));
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
