//! Calls to tools, piece by piece or whole.

use genai_bench_core::event::Events;
use serde::Deserialize;

use crate::wire::fields::Count;
use crate::wire::text::{Arguments, Text};
use crate::wire::tool_names::{CallId, ToolNames};

/// A call, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall<'a> {
    index: Count,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
    /// Of a tool whose input is no JSON.
    #[serde(borrow)]
    custom: Option<Function<'a>>,
}

/// A function by its name, and what it is called with.
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
    pub(super) fn of_function(function: Function<'a>) -> Self {
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
