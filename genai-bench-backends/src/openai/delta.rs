//! The content of a chunk or of a whole answer: the fields of a delta and of a message are the same.

use genai_bench_core::backend::Events;

use genai_bench_core::record::Usage;
use serde::Deserialize;

use super::usage::WireUsage;
use crate::wire::content_parts::ContentParts;
use crate::wire::fields::{self, Count};
use crate::wire::text::{Arguments, Text};
use crate::wire::tool_names::{CallId, ToolNames};

/// A delta or a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delta<'a> {
    #[serde(borrow)]
    content: ContentParts<'a>,
    /// The reasoning, as vLLM and OpenRouter name it.
    #[serde(borrow)]
    reasoning: ContentParts<'a>,
    /// The reasoning under its older name, of DeepSeek, SGLang and most others.
    #[serde(borrow)]
    reasoning_content: ContentParts<'a>,
    #[serde(borrow)]
    thinking: ContentParts<'a>,
    /// The reasoning once more, in the form of the model's own provider. Sent by OpenRouter.
    #[serde(borrow)]
    reasoning_details: ContentParts<'a>,
    #[serde(borrow)]
    refusal: Text<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    /// The older field for the only call.
    #[serde(borrow, deserialize_with = "fields::object_or_none")]
    function_call: Option<Function<'a>>,
    #[serde(deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
}

impl<'a> Delta<'a> {
    /// Returns the reasoning. Where a server sends several of its names, all hold the same.
    fn reasoning(&self) -> &ContentParts<'a> {
        let names = [&self.reasoning, &self.reasoning_content, &self.thinking, &self.reasoning_details];
        names.into_iter().find(|parts| !parts.is_empty()).unwrap_or(&self.reasoning)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.reasoning().is_empty()
            && self.refusal.as_str().is_empty()
            && self.tool_calls.iter().flatten().all(ToolCall::is_empty)
            && self.function_call.is_none()
    }

    /// Removes and returns the token counts in it.
    pub(super) fn take_usage(&mut self) -> Option<Usage> {
        self.usage.take().map(Usage::from)
    }

    /// Reports the whole of it as a piece of the choice with this index.
    pub(crate) fn report(self, choice: u64, names: &mut ToolNames, events: &mut Events<'_>) {
        self.reasoning().report_reasoning(events);
        self.content.report(events);
        self.report_rest(choice, names, events);
    }

    /// Reports the difference between a message and those before it, whose texts `said` holds: some servers send the
    /// whole message so far each time, others one piece after the other.
    pub(super) fn report_message(
        self,
        choice: u64,
        said: &mut SaidSoFar,
        names: &mut ToolNames,
        events: &mut Events<'_>,
    ) {
        match self.reasoning() {
            ContentParts::Text(text) => events.reasoning(added(text.as_str(), &mut said.reasoning)),
            parts => parts.report_reasoning(events),
        }
        match &self.content {
            ContentParts::Text(text) => events.text(added(text.as_str(), &mut said.content)),
            parts => parts.report(events),
        }
        self.report_rest(choice, names, events);
    }

    /// Reports all fields except reasoning and content.
    fn report_rest(self, choice: u64, names: &mut ToolNames, events: &mut Events<'_>) {
        events.text(self.refusal.as_str());
        let old = self.function_call.map(ToolCall::from_function);
        for call in self.tool_calls.into_iter().flatten().chain(old) {
            call.report(choice, names, events);
        }
    }
}

/// The texts of the messages of one stream so far.
#[derive(Debug, Default)]
pub(super) struct SaidSoFar {
    content: String,
    reasoning: String,
}

/// Returns the part of `text` that is not in `said` yet, and appends it there.
fn added<'a>(text: &'a str, said: &mut String) -> &'a str {
    let added = if said.is_empty() { text } else { text.strip_prefix(said.as_str()).unwrap_or(text) };
    said.push_str(added);
    added
}

/// A tool call, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall<'a> {
    index: Count,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
    /// The call of a tool whose input is no JSON.
    #[serde(borrow)]
    custom: Option<Function<'a>>,
}

/// A function's name and arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
    #[serde(borrow)]
    input: Arguments<'a>,
}

impl<'a> ToolCall<'a> {
    /// Returns the call of the older field `function_call`.
    pub(super) fn from_function(function: Function<'a>) -> Self {
        Self { function: Some(function), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.functions().all(Function::is_empty)
    }

    /// Reports the name, unless it is one of `names`, and the arguments.
    pub(super) fn report(&self, choice: u64, names: &mut ToolNames, events: &mut Events<'_>) {
        for function in self.functions() {
            let call = CallId::new(choice, self.index.get(), self.id.as_str());
            events.tool_call(names.unreported(call, function.name.as_str()));
            events.tool_call(function.arguments.as_str());
            events.tool_call(function.input.as_str());
        }
    }

    fn functions(&self) -> impl Iterator<Item = &Function<'a>> {
        self.function.iter().chain(&self.custom)
    }
}

impl Function<'_> {
    fn is_empty(&self) -> bool {
        [self.name.as_str(), self.arguments.as_str(), self.input.as_str()].into_iter().all(str::is_empty)
    }
}
