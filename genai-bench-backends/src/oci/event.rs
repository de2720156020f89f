//! Events of an answer, streamed or whole.

use genai_bench_core::backend::Events;
use serde::Deserialize;

use super::finish_reason;
use super::usage::WireUsage;
use crate::wire::content_parts::ContentParts;
use crate::wire::fields;
use crate::wire::text::{Arguments, Text};
use crate::wire::tool_names::{CallId, ToolNames};

/// One event of a stream in any of the formats, one of several choices, or a whole answer. Other fields, such as `pad`,
/// are ignored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    /// The message, in `GENERIC` and in `COHEREV2`.
    #[serde(borrow, default, deserialize_with = "fields::object_or_none")]
    message: Option<Message<'a>>,
    /// The text, in `COHERE`.
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    /// The choices of an unstreamed answer in `GENERIC`.
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Event<'a>>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    #[serde(borrow, default)]
    error_message: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    reasoning_content: ContentParts<'a>,
    /// The model's plan for its tool calls.
    #[serde(borrow)]
    tool_plan: Text<'a>,
    #[serde(borrow)]
    content: ContentParts<'a>,
    #[serde(borrow)]
    refusal: Text<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

/// A tool call, or a piece of one. Each format has the name and the arguments in another place.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ToolCall<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
    #[serde(borrow)]
    parameters: Arguments<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
}

impl Event<'_> {
    /// Returns `true` if the event has a known field, even if that is an empty text.
    pub(super) fn is_known(&self) -> bool {
        let says_something = self.message.is_some() || self.text.is_some() || self.tool_calls.is_some();
        says_something || self.ends() || self.usage.is_some()
    }

    /// Returns `true` if the event ends the answer.
    pub(super) fn ends(&self) -> bool {
        !self.finish_reason.as_str().is_empty() || !self.error_message.as_str().is_empty()
    }

    /// Reports the text of the event. Returns `true` if there is any.
    pub(super) fn report_text(&self, events: &mut Events<'_>) -> bool {
        if let Some(message) = &self.message {
            message.report_text(events);
        }
        if let Some(text) = &self.text {
            events.text(text.as_str());
        }
        let has_words = self.message.as_ref().is_some_and(Message::has_words);
        has_words || self.text.as_ref().is_some_and(|text| !text.as_str().is_empty())
    }

    /// Reports the tool calls of the event, without the `names` reported before. Returns `true` if there are any.
    pub(super) fn report_tool_calls(&self, names: &mut ToolNames, events: &mut Events<'_>) -> bool {
        let in_message = self.message.iter().filter_map(|message| message.tool_calls.as_ref());
        let mut has_calls = false;
        for call in in_message.chain(&self.tool_calls).flatten() {
            call.report(names, events);
            has_calls = true;
        }
        has_calls
    }

    /// Reports the usage and the finish reason.
    pub(super) fn report_end(self, events: &mut Events<'_>) {
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        finish_reason::report(self.finish_reason.as_str(), self.error_message.as_str(), events);
    }
}

impl Message<'_> {
    fn has_words(&self) -> bool {
        let has_parts = !self.reasoning_content.is_empty() || !self.content.is_empty();
        has_parts || !self.tool_plan.as_str().is_empty() || !self.refusal.as_str().is_empty()
    }

    fn report_text(&self, events: &mut Events<'_>) {
        self.reasoning_content.report_reasoning(events);
        events.reasoning(self.tool_plan.as_str());
        self.content.report(events);
        events.text(self.refusal.as_str());
    }
}

impl ToolCall<'_> {
    fn report(&self, names: &mut ToolNames, events: &mut Events<'_>) {
        let call = CallId::new(0, None, self.id.as_str());
        let (name, arguments) = match &self.function {
            Some(function) => (&function.name, &function.arguments),
            None => (&self.name, &self.arguments),
        };
        // Without an id, two calls of the same function cannot be distinguished: each counts as one.
        let is_known = !self.id.as_str().is_empty();
        events.tool_call(if is_known { names.unreported(call, name.as_str()) } else { name.as_str() });
        events.tool_call(arguments.as_str());
        events.tool_call(self.parameters.as_str());
    }
}
